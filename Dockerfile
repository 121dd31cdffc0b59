# The image has the installed package and nothing that builds: no pip, no compiler, no sources.
# The base names no patch release, so that each build has the fixes of its day; where two builds must
# be equal, add a digest: python:3.13-slim-bookworm@sha256:...
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml setup.cfg MANIFEST.in README.md LICENSE ./
COPY mock_nicepay mock_nicepay
COPY fixtures fixtures
COPY scenarios scenarios
RUN python -m venv /opt/mock-nicepay \
 && /opt/mock-nicepay/bin/pip install --no-cache-dir --disable-pip-version-check ".[stores]" \
 && /opt/mock-nicepay/bin/pip uninstall --yes --disable-pip-version-check pip

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="mock-nicepay" \
      org.opencontainers.image.description="An offline stand-in for the NICEPAY payment gateway (API v1, Korea)" \
      org.opencontainers.image.licenses="MIT"
RUN python -m pip uninstall --yes --root-user-action=ignore --disable-pip-version-check pip \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin nicepay
COPY --from=build /opt/mock-nicepay /opt/mock-nicepay
# On every address, so that the port can be published: that asks for MOCK_NICEPAY_ADMIN_KEY.
ENV PATH=/opt/mock-nicepay/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCK_NICEPAY_HOST=0.0.0.0 \
    MOCK_NICEPAY_PORT=8090
USER 10001
EXPOSE 8090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=3 CMD ["mock-nicepay", "health"]
ENTRYPOINT ["mock-nicepay"]
CMD ["serve"]
