/* What clients are told about how to get a token (RFC 9728). */
#pragma once

#include "adapters/driven/authenticator/rules.h"

struct metadata;

/* `rules` is borrowed. */
int metadata_new(const struct auth_rules *rules, struct metadata **out, struct error *err);

/* NULL is allowed. */
void metadata_free(struct metadata *metadata);

const struct http_route *metadata_route(const struct metadata *metadata);

/* resource_metadata="..."; empty if no tokens are taken. */
struct str metadata_challenge(const struct metadata *metadata);
