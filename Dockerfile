# Builds and runs on any machine with Docker: docker build -t countersign . (deploy/README.md)
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY src ./src
RUN npm run build && npm prune --omit=dev --workspaces=false

FROM node:26-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="countersign" \
      org.opencontainers.image.description="Identity-federation token exchange: a JWT that your platform signed in, a short-lived access token out." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Nothing that could install or build something stays; the data folder belongs to the user that the service runs as.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/bin/npm /usr/local/bin/npx \
      /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* \
    && install -d -o 10001 -g 10001 -m 0700 /data

WORKDIR /app
COPY package.json ./
COPY bin ./bin
COPY config ./config
COPY deploy/healthcheck.js ./deploy/healthcheck.js
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist

# Only /data is ever written to: the root file system may be read-only, without a /tmp. A small young generation and few
# malloc arenas cost no time on the embedded database, and save some 110 MB of memory under load; replicas have a larger one.
ENV NODE_ENV=production \
    NODE_DISABLE_COMPILE_CACHE=1 \
    NODE_OPTIONS=--max-semi-space-size=4 \
    MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/data
VOLUME ["/data"]
EXPOSE 8080
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/deploy/healthcheck.js"]
ENTRYPOINT ["node", "/app/bin/countersign.js"]
CMD ["serve"]
