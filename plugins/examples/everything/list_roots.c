/* The tool `list-roots`: which folders does the client work in? */
#include "everything.h"

int32_t list_roots_begin(const hexmcp_round *r)
{
    return hexmcp_round_ask(r, JSON({"requests": {"roots": {"method": "roots/list"}}}));
}

/* {"roots":[{"uri","name"?}...]}, as the client wrote it. */
int32_t list_roots_resume(const hexmcp_round *r)
{
    hexmcp_str result, roots;
    hexmcp_json_writer w;
    if (hexmcp_json_get(r->answers, "roots", &result) != HEXMCP_OK ||
        hexmcp_json_get(result, "roots", &roots) != HEXMCP_OK)
        return list_roots_begin(r);
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "structuredContent");
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "roots", roots);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}
