declare module "#page" {
  /** In the binary, `files` are the bundled files; from source there are none. */
  const bundle: { readonly index: string; readonly files?: readonly { readonly path: string; readonly loader: string }[] };
  export default bundle;
}
