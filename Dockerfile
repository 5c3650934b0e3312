# One image for every process; compose.yaml and the Procfile say which one runs.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt

COPY server server
COPY jobs jobs
COPY excel_addin excel_addin
COPY manifests manifests

# Not root: whoever breaks in finds a user that owns nothing but the data folder.
RUN useradd --uid 10001 --create-home cellback && install -d -o cellback -m 0700 /data
USER cellback
ENV CELLBACK_DATA_DIR=/data HOST=0.0.0.0 PORT=5000
VOLUME /data
EXPOSE 5000

CMD ["gunicorn", "--config", "python:server.gunicorn", "server:create_app()"]
