#include "core/artifact/artifact.h"

#include <stdlib.h>

#include "core/artifact/request.h"
#include "core/artifact/schemas.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define HOUR_MS ((uint64_t)60 * 60 * 1000)

static void use(uint64_t *limit, uint64_t otherwise)
{
    if (!*limit)
        *limit = otherwise;
}

int artifacts_new(const struct artifact_ports *ports, const struct artifact_limits *limits,
                  struct artifacts **out, struct error *err)
{
    struct artifacts *a = calloc(1, sizeof(*a));
    if (!a)
        return error_set(err, ST_NOMEM, "out of memory");
    a->ports = *ports;
    a->limits = *limits;
    use(&a->limits.artifact_bytes, 100 * MIB);
    use(&a->limits.session_bytes, 10 * GIB);
    use(&a->limits.tenant_bytes, 100 * GIB);
    use(&a->limits.grace_ms, 24 * HOUR_MS);
    if (a->limits.grace_ms < HOUR_MS)
        a->limits.grace_ms = HOUR_MS;
    if (a->limits.artifact_bytes > CONTENT_MAX)
        a->limits.artifact_bytes = CONTENT_MAX;
    *out = a;
    return ST_OK;
}

/* What runs ends when its port answers, and the last one frees the domain. */
void artifacts_free(struct artifacts *a)
{
    if (!a)
        return;
    a->closed = true;
    if (a->running)
        return;
    uploads_free(a);
    free(a);
}

static const struct operation table[] = {
    {"artifact.put", "Store an artifact",
     "Stores the bytes of the request as an artifact; larger ones than 8 MiB come by artifact.begin.",
     SCHEMA_PUT, OPERATION_CHANGES, artifact_put},
    {"artifact.begin", "Begin an artifact",
     "Begins to store an artifact whose bytes come in pieces by artifact.write.", SCHEMA_PUT,
     OPERATION_CHANGES, artifact_begin},
    {"artifact.write", "Write a piece of an artifact",
     "Adds the bytes of the request to an artifact that was begun.", SCHEMA_WRITE, OPERATION_CHANGES,
     artifact_write},
    {"artifact.finish", "Finish an artifact",
     "Makes an artifact of all the pieces that were written.", SCHEMA_UPLOAD, OPERATION_CHANGES,
     artifact_finish},
    {"artifact.drop", "Drop an artifact that was begun",
     "Forgets the pieces that were written.", SCHEMA_UPLOAD, OPERATION_CHANGES, artifact_drop},
    {"artifact.get", "Read an artifact",
     "Answers with the bytes of an artifact, or a part of them, in pieces of {\"offset\"}.",
     SCHEMA_GET, OPERATION_READS, artifact_get},
    {"artifact.stat", "Describe an artifact", "Answers with the record of an artifact.",
     SCHEMA_TARGET, OPERATION_READS, artifact_stat},
    {"artifact.list", "List artifacts",
     "Lists the caller's artifacts, the newest first; a name lists its versions.", SCHEMA_LIST,
     OPERATION_READS, artifact_list},
    {"artifact.search", "Search artifacts",
     "Finds artifacts by words of the name, kind, tags, type, time and size, the newest first.",
     SCHEMA_LIST, OPERATION_READS, artifact_list},
    {"artifact.tag", "Tag an artifact", "Adds and removes tags of an artifact.", SCHEMA_TAG,
     OPERATION_CHANGES, artifact_tag},
    {"artifact.hold", "Hold an artifact",
     "Keeps an artifact from being removed until its owner releases it.", SCHEMA_HOLD,
     OPERATION_CHANGES, artifact_hold},
    {"artifact.release", "Release artifacts",
     "Ends the hold of an owner on one artifact, or on all.", SCHEMA_RELEASE, OPERATION_CHANGES,
     artifact_release},
    {"artifact.remove", "Remove artifacts",
     "Removes an artifact, or all of a session; what is held stays.", SCHEMA_REMOVE,
     OPERATION_DESTROYS, artifact_remove},
    {"artifact.gc", "Collect garbage",
     "Removes stored bytes that no artifact needs any more and that are older than the grace.",
     SCHEMA_GC, OPERATION_DESTROYS, artifact_gc},
    {"artifact.usage", "Show what artifacts use",
     "Tells how many artifacts and bytes the tenant, or a session, has, and the limits.",
     SCHEMA_USAGE, OPERATION_READS, artifact_usage},
};

int artifacts_add_operations(struct artifacts *a, struct operations *operations, struct error *err)
{
    return operations_add(operations, table, sizeof(table) / sizeof(table[0]), a, err);
}
