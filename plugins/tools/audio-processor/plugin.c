/*
 * plugin.c - the tool "audio-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sound.h"

#include "hexmcp/plugin.h"

static int32_t work(const hexmcp_round *r, const struct request *request, struct sound *sound)
{
    if (request->operation == OPERATION_DETECT)
        return about_format(r, request, sound);
    int32_t status = sound_decode(r, request, sound);
    if (status != HEXMCP_OK)
        return status;
    if (request->operation == OPERATION_METADATA)
        return about_sound(r, request, sound);
    return request->operation == OPERATION_MEASURE ? measure(r, request, sound)
                                                   : convert(r, request, sound);
}

static int32_t run(const hexmcp_round *r)
{
    struct request request;
    struct sound sound;
    struct args args = args_begin(r->args, r->err);
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = sound_open(r, &request, &sound);
    if (status == HEXMCP_OK) {
        status = work(r, &request, &sound);
        sound_close(&sound);
    }
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("audio-processor", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.audio-processor", "0.1.0", plugin);
