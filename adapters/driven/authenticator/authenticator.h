/*
 * Who somebody is that comes over the network: by an API key of ours, or by a JSON Web Token of an
 * authorization server (hexmcp is an OAuth 2.1 resource server and never issues tokens).
 *
 * A token must be signed by a key of its issuer with one of the configured algorithms, be for us (its
 * audience, byte for byte), and be in time. The keys of an issuer are fetched on a worker, kept as
 * long as the issuer allows (AUTH_KEYS_FRESH_MIN_MS to AUTH_KEYS_FRESH_MAX_MS) and, if they cannot be
 * fetched any more, at most AUTH_KEYS_STALE_MS. A token with an unknown key has them fetched again,
 * but not more often than `refetch_ms`.
 *
 * A caller's id is "key:<id>" or "jwt:<issuer>#<subject>"; its tenant is the key's, or the issuer, or
 * "<issuer>#<claim>", so that no issuer can name a tenant of another.
 *
 * No token and no part of one reaches the log or an error.
 */
#pragma once

#include "adapters/driven/api_keys/api_keys.h"
#include "ports/driven/authenticator.h"
#include "ports/driven/executor.h"
#include "ports/driven/log.h"
#include "ports/driving/http_service.h"

#define AUTH_KEYS_FRESH_MS (15 * 60 * 1000)
#define AUTH_KEYS_FRESH_MIN_MS (60 * 1000)
#define AUTH_KEYS_FRESH_MAX_MS (60 * 60 * 1000)
#define AUTH_KEYS_STALE_MS (24 * 60 * 60 * 1000)
#define AUTH_FETCH_TIMEOUT_MS 5000u
#define AUTH_FETCH_BYTES_MAX ((size_t)256 * 1024)

/* Checks that may wait for keys at the same time; further ones are told to try again. */
#define AUTH_WAITING_MAX 256

enum auth_mode {
    AUTH_NONE, /* everybody is the caller "anonymous" */
    AUTH_KEYS,
    AUTH_JWT,
    AUTH_BOTH,
};

/* The settings auth.*; texts are copied, ports and `keys` are borrowed. */
struct authenticator_config {
    enum auth_mode mode;
    struct str resource, audience, jwks_uri, tenant_claim;
    struct str issuers, algorithms, required_scopes; /* JSON arrays of strings */
    int64_t leeway_ms;
    uint64_t refetch_ms;
    struct api_keys *keys; /* if the mode takes keys */
    const char *modules;   /* the folder of the program's modules */
    const struct clock_port *clock;
    const struct executor_port *executor;
    const struct log_port *log;
};

struct auth;

/* ST_CONFIG: settings that do not go together. Loads no module. */
int authenticator_new(const struct authenticator_config *config, struct auth **out,
                      struct error *err);

/* Answers the checks that wait with CREDENTIALS_UNAVAILABLE, ends a fetch that runs, and lets none
 * begin. Before what the checks call back is freed. */
void authenticator_stop(struct auth *auth);

/* After the workers ended. NULL is allowed. */
void authenticator_free(struct auth *auth);

const struct authenticator *authenticator_port(const struct auth *auth);

/* GET /.well-known/oauth-protected-resource and beneath (RFC 9728). 404 unless tokens are taken. */
const struct http_route *authenticator_metadata_route(const struct auth *auth);
