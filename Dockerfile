# Build:  docker build -t bucketwarden:0.1.0 .
# Both images are named by their tag; a mirror or a digest goes in with --build-arg.
ARG BUILD_IMAGE=node:24-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
# Dependencies first: this layer is made anew only when they change. Nothing of theirs runs here.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts ./scripts
COPY src ./src
# The build ends by running what it built, so that the image starts with its code compiled.
COPY examples ./examples
RUN node scripts/build.ts

# Node.js and the bundle: no shell, no npm, no compiler. Nothing is written, so that the root file
# system can be read-only.
FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="bucketwarden" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY LICENSE package.json ./
COPY --from=build /src/dist ./dist
# The image's own "nonroot", as a number, so that runAsNonRoot can be checked without a passwd file.
USER 65532:65532
EXPOSE 8443 9090
# 16 MiB, half of what V8 takes by itself, for new objects: they are garbage as soon as a request is
# answered, and half the room holds as many requests as the processor has time for. `npm run bench`
# starts the server with the same flags.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=16", "/app/dist/main.js"]
CMD ["--help"]
