# The studio on a CPU: docker build -t strokewise . && docker run --rm -p 7860:7860 strokewise
FROM python:3.12-slim

# A compiled wheel wants this library of OpenMP's.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
COPY tools/pypi_page.py ./tools/
RUN pip install --no-cache-dir --constraint constraints.txt '.[studio,pdf]'

# An ordinary user, who may write nowhere but at home and in /tmp.
RUN useradd --create-home artist
USER artist
WORKDIR /home/artist

# Compiles what is compiled once, and fails the build if something is missing.
RUN python -c "from strokewise.studio import tasks; tasks.warm()"

EXPOSE 7860
CMD ["strokewise", "studio", "--host", "0.0.0.0", "--port", "7860"]
