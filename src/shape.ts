// What a value from outside is. For shapes that are read on every run; where there is time, valibot says more. Pure.

export type Is<T> = (value: unknown) => value is T;
export type Fields = Record<string, unknown>;

export const isText = (value: unknown): value is string => typeof value === "string";
export const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
export const isTruth = (value: unknown): value is boolean => typeof value === "boolean";
export const isList = (value: unknown): value is unknown[] => Array.isArray(value);
export const isTexts = (value: unknown): value is string[] => isList(value) && value.every(isText);
/** A map of keys, and no list. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
