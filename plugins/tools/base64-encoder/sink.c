/*
 * SPDX-License-Identifier: MIT
 */
#include "sink.h"

int32_t sink_open(struct sink *sink, const hexmcp_round *r, const struct request *request)
{
    const char *path = request->target_path;
    *sink = (struct sink){.r = r, .to_file = path != NULL};
    if (!path)
        return HEXMCP_OK;
    return request->dry_run ? target_rehearse(r, path, request->overwrite, &sink->target)
                            : target_begin(r, path, request->overwrite, &sink->target);
}

static int32_t append(struct sink *sink, const void *data, size_t len)
{
    if (len > ANSWER_BYTES_MAX - sink->bytes.len)
        return hexmcp_fail(sink->r->err, HEXMCP_E_TOO_LARGE,
                           "the result has more than the %zu bytes that fit in an answer; give "
                           "target_path to write it to a file",
                           ANSWER_BYTES_MAX);
    if (!bytes_add(&sink->bytes, data, len))
        return hexmcp_fail(sink->r->err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
    return HEXMCP_OK;
}

int32_t sink_write(struct sink *sink, const void *data, size_t len)
{
    sink->len += len;
    return sink->to_file ? target_write(&sink->target, data, len) : append(sink, data, len);
}

int32_t sink_finish(struct sink *sink)
{
    return sink->to_file ? target_commit(&sink->target) : HEXMCP_OK;
}

void sink_close(struct sink *sink)
{
    if (sink->to_file)
        target_drop(&sink->target);
    bytes_free(&sink->bytes);
}
