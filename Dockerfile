# The service for a real Postgres, which DATABASE_URL names; the embedded one is left out, traces
# are in.
#
#   docker build --tag device-status-receiver .
#   docker run --rm --env DATABASE_URL device-status-receiver migrate
#   docker run --env DATABASE_URL --publish 127.0.0.1:8000:8000 device-status-receiver
#
# It writes nothing to its file system: `--read-only --cap-drop ALL` is fine. Give it more time to
# stop than RECEIVER_SHUTDOWN_TIMEOUT_SECONDS, such as `--stop-timeout 45`.
#
# A tag may be moved to another image. To build on one that cannot change, name it by its digest:
#
#   docker build --build-arg PYTHON_IMAGE=python@sha256:… --tag device-status-receiver .

ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY deploy/requirements-build-hashed.txt requirements-hashed.txt ./
# Whatever is downloaded has a known hash, and none of it runs to be installed. No pip in the
# environment itself: nobody installs anything into a finished image.
RUN pip install --require-hashes --only-binary :all: --requirement requirements-build-hashed.txt \
    && python -m venv --without-pip /opt/receiver \
    && pip --python /opt/receiver/bin/python install \
    --require-hashes --only-binary :all: --requirement requirements-hashed.txt
COPY LICENSE README.md pyproject.toml ./
COPY migrations migrations
COPY receiver receiver
RUN pip wheel --no-index --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/receiver/bin/python install --no-index --no-deps dist/*.whl

FROM ${PYTHON_IMAGE}
# Told by `.ci/release`.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Device Status Receiver" \
    org.opencontainers.image.description="Receives, keeps and answers questions about CAMARA device status notifications" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# A fixed uid for volumes and policies, with an entry because programs ask for their user's name.
RUN groupadd --gid 10001 receiver \
    && useradd --uid 10001 --gid receiver --no-log-init --no-create-home \
    --home-dir /nonexistent --shell /usr/sbin/nologin receiver
COPY --from=build /opt/receiver /opt/receiver
ENV PATH=/opt/receiver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RECEIVER_HOST=0.0.0.0
# As a number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8000
# Never through a proxy that the environment names.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open('http://127.0.0.1:' + (os.environ.get('RECEIVER_PORT') or '8000') + '/livez', timeout=4)"]
ENTRYPOINT ["receiver"]
CMD ["serve"]
