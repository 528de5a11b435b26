/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/deliver.h"

#include "kit/keep.h"
#include "kit/target.h"

static int32_t put(struct answer *a, const struct delivery *delivery, hexmcp_str bytes)
{
    struct kept kept;
    int32_t status;
    if (delivery->target_path) {
        status = target_put(a->r, delivery->target_path, delivery->overwrite, bytes);
        if (status == HEXMCP_OK)
            hexmcp_json_put_text(&a->json, "target_path", delivery->target_path);
        return status;
    }
    status = keep(a, bytes, delivery->name, delivery->mime, "give target_path", &kept);
    if (status == HEXMCP_OK)
        hexmcp_json_put_text(&a->json, "uri", kept.uri);
    return status;
}

int32_t deliver(struct answer *a, const struct delivery *delivery, hexmcp_str bytes)
{
    int32_t status = put(a, delivery, bytes);
    if (status == HEXMCP_OK && delivery->show && bytes.len <= DELIVER_SHOWN)
        answer_image(a, bytes.ptr, bytes.len, delivery->mime);
    return status;
}

int32_t deliver_plan(struct answer *a, const struct delivery *delivery)
{
    bool there;
    if (!delivery->target_path)
        return HEXMCP_OK;
    int32_t status = target_check(a->r, delivery->target_path, delivery->overwrite, &there);
    if (status == HEXMCP_OK)
        hexmcp_json_put_text(&a->json, "target_path", delivery->target_path);
    return status;
}
