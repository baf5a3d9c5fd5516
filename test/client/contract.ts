// `bun run contract`: writes the contract as it is now, the OpenAPI document and the types made of it, for the tests to compare with. And the
// list of what the migrations create, for the start to read.
import { describeObjects } from "../../db/foreign-objects.ts";
import { sqlFunctions } from "../../src/ledger/sql-functions.ts";
import { openCalendar } from "../../src/value/calendar.ts";
import { openWorld } from "../harness.ts";

export const DOCUMENT = `${import.meta.dir}/../fixtures/openapi.json`;
export const OBJECTS = `${import.meta.dir}/../../db/objects.ndjson`;
export const TYPES = `${import.meta.dir}/api.d.ts`;

/** openapi-typescript works with a TypeScript of its own, which the project does not need otherwise. */
const GENERATOR = ["npx", "-y", "-p", "openapi-typescript@7.13.0", "-p", "typescript@5.9.3", "openapi-typescript"];
/** A caller may leave out what has a default. */
const OPTIONS = ["--default-non-nullable=false"];

/** The OpenAPI document that the program serves, indented. */
export async function readDocument(): Promise<string> {
  const world = openWorld();
  const { text } = await world.request("GET", "/docs/json", undefined, { authorization: "" });
  world.close();
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
}

/** What the migrations create, in the form of the file. */
export const readObjects = (): string => describeObjects(sqlFunctions(openCalendar("UTC")));

/** Writes the types of a document into a file. Throws when they cannot be made. */
export async function writeTypes(document: string, file: string): Promise<void> {
  const child = Bun.spawn([...GENERATOR, document, ...OPTIONS, "-o", file], { stdout: "ignore", stderr: "pipe" });
  const errors = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`The types cannot be made: ${errors}`);
}

if (import.meta.main) {
  await Bun.write(OBJECTS, readObjects());
  await Bun.write(DOCUMENT, await readDocument());
  await writeTypes(DOCUMENT, TYPES);
  console.log(
    "Wrote db/objects.ndjson, test/fixtures/openapi.json and test/client/api.d.ts: their differences are the change of the contract.",
  );
}
