# Hoofbeats for a container: no build tools, no rights, nothing written but /data and /tmp.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.txt ./
RUN /app/.venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY mappings mappings
COPY cards cards
COPY service service
COPY fixtures/patients fixtures/patients
RUN /app/.venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home hoofbeats && mkdir /data && chown hoofbeats /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    HOOFBEATS_HOST=0.0.0.0 HOOFBEATS_PORT=8000 \
    HOOFBEATS_DATABASE_URL=sqlite:////data/hoofbeats.db
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["hoofbeats", "serve"]
