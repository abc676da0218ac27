// `health` of another place: how old the newest copy of every machine and project there is. Of names alone: no copy is read.

import { DEFAULTS } from "../config.ts";
import { before } from "../duration.ts";
import { msBetween } from "../snapshot/id.ts";
import { now } from "../system/clock.ts";
import { LEVELS } from "../upkeep/health.ts";
import type { Context, Ending } from "./context.ts";
import { openPlace } from "./destinations.ts";
import { newestOfEach } from "./owners.ts";
import { findSiteIfAny } from "./site.ts";

export interface HealthCopiesRequest {
  /** The destination: one of the config, or an address. */
  from: string;
  /** Only those of this host or project; undefined is every one. */
  host: string | undefined;
  project: string | undefined;
  /** How old the newest copy may be, instead of the config's: a duration such as 26h. */
  maxAge: string | undefined;
}

export interface HealthCopiesOutcome extends Ending {
  command: "health-copies";
  level: "ok" | "critical";
  from: string;
  maxAge: string;
  /** The oldest first. */
  machines: {
    host: string;
    project: string;
    store: string;
    newest: string;
    ageSeconds: number;
    level: "ok" | "critical";
  }[];
}

/** Ids are local times of their machines: an age may be wrong by the hours that its zone is away from ours. */
export async function healthOfCopies(
  { from, maxAge: given, ...wanted }: HealthCopiesRequest,
  { world, named }: Context,
): Promise<HealthCopiesOutcome> {
  const site = await findSiteIfAny(world, named);
  const { destination } = await openPlace(from, site, world);
  const maxAge = given ?? (site?.config ?? DEFAULTS).health["max-age"];
  const moment = now().id;
  const machines = (await newestOfEach(destination, wanted)).map(({ machine: host, project, store, id }) => {
    const ageMs = Math.max(0, msBetween(id, moment));
    const level = ageMs > -before(0, maxAge) ? ("critical" as const) : ("ok" as const);
    return { host, project, store, newest: id, ageSeconds: Math.floor(ageMs / 1000), level };
  });
  machines.reverse();
  const level = machines.length === 0 || machines.some((one) => one.level !== "ok") ? "critical" : "ok";
  return { command: "health-copies", exit: LEVELS.indexOf(level), level, from: destination.shown, maxAge, machines };
}
