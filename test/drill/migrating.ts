// The victim of the migrations drill: opens the database of its settings with future versions.
import { openDatabase } from "../../db/database.ts";
import { NEXT } from "../db/next-version.ts";

openDatabase(String(process.env.DATABASE_PATH), {}, { alone: true, migrations: NEXT }).close();
