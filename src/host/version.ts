// Which version is this? The one of package.json, both from source and in the binary.
import manifest from "../../package.json" with { type: "json" };

/** The version of the package. In a binary, the commit that it was built from follows in parentheses. */
export const VERSION: string = process.env.REGULARS_COMMIT ? `${manifest.version} (${process.env.REGULARS_COMMIT})` : manifest.version;
