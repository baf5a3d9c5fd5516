// Why can a file not be taken at all? One line says what to do.
export class FileError extends Error {
  override readonly name = "FileError";
  /** The same without the words of the file, which may be somebody's where its first line has no names of columns. */
  readonly kept: string;

  constructor(message: string, kept: string = message) {
    super(message);
    this.kept = kept;
  }
}
