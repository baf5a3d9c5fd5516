// Which version is this? The package says so, for the source and for the binary alike.
import manifest from "../../package.json" with { type: "json" };

/** The package's version, with the commit that a binary was built from. */
export const VERSION: string = process.env.REGULARS_COMMIT ? `${manifest.version} (${process.env.REGULARS_COMMIT})` : manifest.version;
