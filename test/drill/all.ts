// Which drills are there? In the order in which they run.
import { access } from "./access.ts";
import { backups } from "./backups.ts";
import { diskFull } from "./disk-full.ts";
import type { Drill } from "./drill.ts";
import { erasure } from "./erasure.ts";
import { fuzz } from "./fuzz.ts";
import { guessing } from "./guessing.ts";
import { ioErrors } from "./io-errors.ts";
import { kill9 } from "./kill9.ts";
import { laws } from "./laws.ts";
import { migrate } from "./migrate.ts";
import { outside } from "./outside.ts";
import { power } from "./power.ts";
import { sameness } from "./sameness.ts";
import { servers } from "./servers.ts";
import { slowClients } from "./slow-clients.ts";
import { standstill } from "./standstill.ts";
import { starts } from "./starts.ts";
import { stop } from "./stop.ts";

/** Drills of durability first, then of personal data, then of clients. */
const DURABILITY: readonly Drill[] = [kill9, power, diskFull, ioErrors, migrate, starts, servers, backups];
const PEOPLE: readonly Drill[] = [erasure, guessing, outside];
const CLIENTS: readonly Drill[] = [access, fuzz, sameness, slowClients, standstill, stop];

export const DRILLS: readonly Drill[] = [...DURABILITY, ...PEOPLE, ...CLIENTS, laws];
