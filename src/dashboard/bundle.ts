// What does the browser load for the dashboard? One script, one style sheet and an icon, which Bun bundles: into the binary when that is
// built, and in memory at the first request when the program runs from source.
import page from "#page";

/** A file as the browser gets it. */
export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

export interface Bundle {
  /** The page, with `./` or `/` before the names of its assets. */
  readonly html: string;
  /** By name, which changes with the content. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const ENTRY = `${import.meta.dir}/page/index.html`;
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

const nameOf = (path: string): string => path.split("/").at(-1) ?? path;

async function toAsset(name: string, blob: Blob): Promise<Asset> {
  const gzipped = new Response(blob.stream().pipeThrough(new CompressionStream("gzip")));
  return {
    type: TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream",
    plain: new Uint8Array(await blob.arrayBuffer()),
    gzipped: new Uint8Array(await gzipped.arrayBuffer()),
  };
}

/** A bundled script without blanks. The build takes its long names away, but writes it with blanks into the binary. */
async function minify(script: Blob): Promise<Blob> {
  const path = "/script.js";
  const { outputs } = await Bun.build({ entrypoints: [path], files: { [path]: await script.text() }, minify: true });
  return outputs[0] ?? script;
}

/** The bundled files by name: those in the binary, or else those of the source. */
async function findFiles(): Promise<[name: string, blob: Blob][]> {
  if (page.files)
    return Promise.all(
      page.files.map(
        async ({ path, loader }): Promise<[string, Blob]> => [
          nameOf(path),
          loader === "js" ? await minify(Bun.file(path)) : Bun.file(path),
        ],
      ),
    );
  const built = await Bun.build({ entrypoints: [ENTRY], minify: true, define: { "process.env.NODE_ENV": '"production"' } });
  return built.outputs.map((output): [string, Blob] => [nameOf(output.path), output]);
}

/** Loads the bundle. Throws an Error if the source cannot be bundled. */
export async function loadBundle(): Promise<Bundle> {
  const files = await findFiles();
  const html = files.find(([name]) => name.endsWith(".html"))?.[1];
  if (!html) throw new Error("The dashboard's page is missing from the program.");
  const assets = await Promise.all(
    files.filter(([, blob]) => blob !== html).map(async ([name, blob]): Promise<[string, Asset]> => [name, await toAsset(name, blob)]),
  );
  return { html: await html.text(), assets: new Map(assets) };
}
