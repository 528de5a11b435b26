/*
 * Artifacts: bytes that sessions and tools leave behind, under the digest of what they are. An artifact
 * has a record (name, kind, tags, who made it when); its bytes are blocks in the store of blobs, which
 * records of the same tenant share. Each caller sees only its own records: another's digest, also the
 * right one, is ST_NOT_FOUND. Operations "artifact.*" are the only door (docs/artifacts.md).
 *
 * Several programs may use the same store: what is decided is checked by versions of the values. A
 * garbage collection in one of them does not take what a put in another one is about to use.
 *
 * All [loop].
 */
#pragma once

#include "core/operation/operations.h"
#include "ports/driven/blob_store.h"
#include "ports/driven/clock.h"
#include "ports/driven/codec.h"
#include "ports/driven/executor.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/random.h"

/* What may be asked of it. Zero stands for the default. */
struct artifact_limits {
    uint64_t artifact_bytes; /* of one: 100 MiB                                                  */
    uint64_t session_bytes;  /* of all of a session: 10 GiB                                      */
    uint64_t tenant_bytes;   /* of all of a tenant: 100 GiB                                      */
    uint64_t grace_ms;       /* what nothing refers to stays so long: a day; at least an hour    */
};

/* They outlive the domain, and so does what they have begun: answers may come after
 * artifacts_free(). */
struct artifact_ports {
    const struct key_value_store *values;
    const struct blob_store *blobs;
    const struct executor_port *executor;
    const struct codec_port *codec;
    const struct clock_port *clock;
    const struct random_port *random;
};

struct artifacts;

int artifacts_new(const struct artifact_ports *ports, const struct artifact_limits *limits,
                  struct artifacts **out, struct error *err);

/* After the table of operations. NULL is allowed. */
void artifacts_free(struct artifacts *artifacts);

/* Adds the operations "artifact.*". */
int artifacts_add_operations(struct artifacts *artifacts, struct operations *operations,
                             struct error *err);
