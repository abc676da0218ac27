// What health says of the few facts that `rollback` alone looks at. Pure.
import {
  age,
  clock,
  configs,
  copies,
  type Finding,
  free,
  type HealthFacts,
  type HealthLimits,
  loss,
} from "./health.ts";

type Shared = Pick<
  HealthFacts,
  "nowMs" | "lastCreateMs" | "missing" | "ahead" | "lost" | "malformedConfigs" | "freeBytes" | "permissions" | "copies"
>;

export interface GlanceFacts extends Shared {
  newest: { id: string; status: "ok" | "incomplete" | "sealed" | "damaged" } | null;
  /** What was cut off: a restore, or a guard. */
  cutOff: string | null;
  /** Labels; null without a launchd that answers. */
  agents: { failed: string[]; notLoaded: string[] } | null;
}

/** The findings, the gravest kinds first. */
export function judgeGlance(facts: GlanceFacts, limits: HealthLimits): Finding[] {
  const { cutOff, permissions, newest, agents } = facts;
  return [
    ...(cutOff === null ? [] : [critical("recover", `a ${cutOff} was cut off`)]),
    ...(permissions === null ? [] : [critical("permissions", permissions)]),
    ...age(facts, limits),
    ...(newest?.status === "damaged" ? [critical("damage", `${newest.id} is damaged`)] : []),
    ...(newest?.status === "incomplete" ? [warning("complete", `${newest.id} is incomplete`)] : []),
    ...loss(facts, limits),
    ...configs(facts),
    ...free(facts, limits),
    ...(agents === null ? [] : agentsFindings(agents)),
    ...copies(facts, limits),
    ...clock(facts),
  ];
}

const critical = (check: string, message: string): Finding => ({ check, level: "critical", message });
const warning = (check: string, message: string): Finding => ({ check, level: "warning", message });

function agentsFindings({ failed, notLoaded }: NonNullable<GlanceFacts["agents"]>): Finding[] {
  const told = [
    ...(failed.length === 0 ? [] : [`${failed.length} ${failed.length === 1 ? "agent" : "agents"} failed`]),
    ...(notLoaded.length === 0 ? [] : [`${notLoaded.length} not loaded`]),
  ];
  return told.length === 0 ? [] : [warning("agents", told.join(", "))];
}
