// How long does a request wait because of the machine alone? A process that only answers requests is asked at the same moments.

/** A server that does nothing else. */
export interface Bare {
  /** Sends a request. Gives how long it took, in milliseconds. */
  probe(): Promise<number>;
  end(): void;
}

const PROGRAM = `const { port } = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("ok") }); console.log(port);`;

export async function startBare(): Promise<Bare> {
  const child = Bun.spawn([process.execPath, "-e", PROGRAM], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const url = `http://127.0.0.1:${new TextDecoder().decode(value).trim()}/`;
  return {
    async probe() {
      const startedAt = performance.now();
      await (await fetch(url)).text();
      return performance.now() - startedAt;
    },
    end: () => child.kill(),
  };
}
