/* The module `http-client`: libcurl and zlib. */
#include "adapters/driven/http_client/engine.h"
#include "adapters/driven/http_client/exchange.h"
#include "adapters/driven/module/export.h"

MODULE_DEFINE_BUILD_ID();

MODULE_EXPORT int hexmcp_module_entry(struct http_module *out, struct error *err);

int hexmcp_module_entry(struct http_module *out, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return error_set(err, ST_UNAVAILABLE, "libcurl cannot be initialised");
    *out = (struct http_module){
        .look = url_look,
        .start = engine_start,
        .stop = engine_stop,
        .free_engine = engine_free,
        .begin = engine_begin,
        .grant = engine_grant,
        .write = engine_write,
        .finish = engine_finish,
        .cancel = engine_cancel,
        .free = engine_free_exchange,
    };
    return ST_OK;
}
