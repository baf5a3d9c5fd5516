// Which drills are there? In the order in which they run.
import { diskFull } from "./disk-full.ts";
import type { Drill } from "./drill.ts";
import { erasure } from "./erasure.ts";
import { ioErrors } from "./io-errors.ts";
import { kill9 } from "./kill9.ts";
import { outside } from "./outside.ts";
import { power } from "./power.ts";
import { sameness } from "./sameness.ts";
import { stop } from "./stop.ts";

export const DRILLS: readonly Drill[] = [kill9, power, erasure, diskFull, ioErrors, sameness, stop, outside];
