/* Inside of the module: what http_module.h says of its functions. */
#pragma once

#include "adapters/driven/http_client/http_module.h"

int engine_start(const struct http_engine_config *config, struct http_engine **out,
                 struct error *err);
void engine_stop(struct http_engine *engine);
void engine_free(struct http_engine *engine);
int engine_begin(struct http_engine *engine, const struct http_request *request,
                 struct http_exchange **out, struct error *err);
void engine_grant(struct http_exchange *x, size_t bytes);
bool engine_write(struct http_exchange *x, struct str piece);
void engine_finish(struct http_exchange *x);
void engine_cancel(struct http_exchange *x);
void engine_free_exchange(struct http_exchange *x);
