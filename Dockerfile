FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -trimpath -ldflags='-s -w' -o /olivebranch ./cmd/olivebranch

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin olivebranch \
 && install -d -o olivebranch -m 0700 /data
COPY --from=build /olivebranch /usr/local/bin/olivebranch
USER olivebranch
ENV OLIVEBRANCH_DATA=/data OLIVEBRANCH_ADDR=:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s CMD ["olivebranch", "healthcheck"]
ENTRYPOINT ["olivebranch"]
CMD ["serve"]
