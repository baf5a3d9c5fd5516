# The program is built as one file; the image that runs it holds that file and the C++ library that it needs.
# Both images are named by tag, which can be moved. To pin them, give their digests:
#   docker build --build-arg BUN_IMAGE=oven/bun@sha256:… --build-arg DEBIAN_IMAGE=debian@sha256:… .
# `docker buildx imagetools inspect oven/bun:1.4.5-slim` prints the digest of the tag.
ARG BUN_IMAGE=oven/bun:1.4.5-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim
FROM ${BUN_IMAGE} AS build
WORKDIR /build
COPY package.json bun.lock bunfig.toml tsconfig.json ./
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY db db
COPY src src
COPY test/release test/release
ARG COMMIT=unknown
RUN REGULARS_COMMIT="$COMMIT" bun run build

FROM ${DEBIAN_IMAGE}
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="regulars" \
  org.opencontainers.image.description="Self-hosted customer analytics: where paying customers come from and what they become worth" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.revision="$COMMIT"
RUN apt-get update \
  && apt-get install -y --no-install-recommends libstdc++6 \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 regulars \
  && useradd --uid 10001 --gid regulars --no-create-home --shell /usr/sbin/nologin regulars \
  && install -d -o regulars -g regulars -m 0700 /data
COPY --from=build /build/dist/regulars /usr/local/bin/regulars
# BUN_TMPDIR: the binary unpacks its SQLite addon there, which works with a read-only root too.
ENV HOST=0.0.0.0 PORT=3000 DATABASE_PATH=/data/regulars.db BUN_TMPDIR=/data
USER regulars
WORKDIR /data
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["regulars", "health"]
ENTRYPOINT ["regulars"]
CMD ["serve"]
