/*
 * plugin.c - the tool "video-processor" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 *
 * What is built of it links FFmpeg, which Debian builds under the GPL: the manifest says so.
 */
#include "movie.h"

#include "hexmcp/plugin.h"

static int32_t work(const struct request *request, struct movie *movie)
{
    if (request->operation == OPERATION_DETECT)
        return about_format(request, movie);
    int32_t status = movie_demux(request, movie);
    if (status != HEXMCP_OK)
        return status;
    return request->operation == OPERATION_METADATA ? about_movie(request, movie)
                                                    : picture(request, movie);
}

static int32_t run(const hexmcp_round *r)
{
    struct request request;
    struct movie movie;
    struct args args = args_begin(r->args, r->err);
    int32_t status = request_read(&args, &request);
    if (status == HEXMCP_OK)
        status = movie_open(r, &request, &movie);
    if (status == HEXMCP_OK) {
        status = work(&request, &movie);
        movie_close(&movie);
    }
    args_end(&args);
    return status;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)self;
    (void)host;
    (void)config_json;
    (void)err;
    av_log_set_level(AV_LOG_QUIET);
    return HEXMCP_OK;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("video-processor", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.init = init, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.video-processor", "0.1.0", plugin);
