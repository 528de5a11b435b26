/* What plugins may reach of the network: the services hexmcp.http/1 and hexmcp.net/1. */
#pragma once

#include "adapters/driven/config/config.h"
#include "ports/driven/crypto.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/service.h"

struct loop;
struct outgoing;

/* All outlive it. */
struct outgoing_parts {
    struct loop *loop;
    const char *modules;
    const struct secret_store_port *secrets; /* NULL: there are none */
    const struct crypto_port *crypto;
};

/* The settings http_client.* and net.*. Opens nothing. */
int outgoing_new(const struct config *config, const struct outgoing_parts *parts,
                 struct outgoing **out, struct error *err);

/* After the plugins and the workers, before the loop. NULL is allowed. */
void outgoing_free(struct outgoing *outgoing);

const struct service_port *outgoing_http(const struct outgoing *outgoing);
const struct service_port *outgoing_net(const struct outgoing *outgoing);
