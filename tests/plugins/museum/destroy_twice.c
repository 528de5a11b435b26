/* Its destroy function frees a block twice. */
#include "exhibit.h"

BAD_IS_GOOD

static void *block;

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    block = malloc(64);
    return HEXMCP_OK;
}

static void destroy(void *self)
{
    free(block);
    free(block);
    exhibit_destroy(self);
}

EXHIBIT_WITH(init, exhibit_interface, NULL, NULL, destroy);
