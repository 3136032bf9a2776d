FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml ./
COPY bot ./bot
COPY cogs ./cogs
COPY storage ./storage
RUN python -m compileall -q bot cogs storage
RUN useradd --system --uid 10001 --no-create-home foley && install -d -o foley -m 700 /data
USER 10001
CMD ["python", "-m", "bot", "run"]
