// Which drills are there? In the order in which they run.
import { access } from "./access.ts";
import { backups } from "./backups.ts";
import { bulk } from "./bulk.ts";
import { diskFull } from "./disk-full.ts";
import type { Drill } from "./drill.ts";
import { erasure } from "./erasure.ts";
import { flood } from "./flood.ts";
import { fuzz } from "./fuzz.ts";
import { guessing } from "./guessing.ts";
import { imports } from "./imports.ts";
import { ioErrors } from "./io-errors.ts";
import { kill9 } from "./kill9.ts";
import { laws } from "./laws.ts";
import { migrate } from "./migrate.ts";
import { outside } from "./outside.ts";
import { power } from "./power.ts";
import { sameness } from "./sameness.ts";
import { servers } from "./servers.ts";
import { slowClients } from "./slow-clients.ts";
import { standby } from "./standby.ts";
import { standstill } from "./standstill.ts";
import { starts } from "./starts.ts";
import { stop } from "./stop.ts";
import { webhooks } from "./webhooks.ts";

/** Drills of durability first, then of personal data, then of clients. */
const DURABILITY: readonly Drill[] = [kill9, bulk, power, diskFull, ioErrors, migrate, starts, servers, backups, standby];
const PEOPLE: readonly Drill[] = [erasure, guessing, outside];
const CLIENTS: readonly Drill[] = [access, flood, fuzz, imports, sameness, slowClients, standstill, stop, webhooks];

export const DRILLS: readonly Drill[] = [...DURABILITY, ...PEOPLE, ...CLIENTS, laws];
