#include "adapters/driving/cli/left_out.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT_OUT_FILE "left-out.json"
#define LEFT_OUT_MAX (1 << 20)

struct left_out {
    struct missing_tools port;
    char path[PATH_MAX];
    bool read;
    struct json_doc *doc; /* [{"tools": [names and other names], "needs"}]; NULL: there is no such file */
};

static void read_file(struct left_out *left)
{
    FILE *file = fopen(left->path, "re");
    char *text = file ? malloc(LEFT_OUT_MAX) : NULL;
    size_t len = text ? fread(text, 1, LEFT_OUT_MAX, file) : 0;
    if (file)
        fclose(file);
    /* A build of today writes no other file; of another one nothing is known. */
    if (text && json_parse_take(text, len, &left->doc, NULL))
        left->doc = NULL;
}

static struct json plugins_of(struct left_out *left)
{
    if (!left->read)
        read_file(left);
    left->read = true;
    return left->doc ? json_root(left->doc) : json_none();
}

static bool has_tool(struct json plugin, struct str tool)
{
    struct json_iter it = json_iter(json_get(plugin, STR("tools")));
    while (json_next(&it))
        if (json_is(it.value, tool))
            return true;
    return false;
}

static int explain(void *ctx, struct str tool, struct error *err)
{
    struct json_iter it = json_iter(plugins_of(ctx));
    while (json_next(&it)) {
        struct str needs;
        if (has_tool(it.value, tool) && json_plain(json_get(it.value, STR("needs")), &needs))
            return error_set(err, ST_UNAVAILABLE,
                             "tool \"%.*s\" is not there: hexmcp was built without %.*s",
                             STR_ARG(tool), STR_ARG(needs));
    }
    return ST_NOT_FOUND;
}

struct left_out *left_out_new(const char *folder)
{
    struct left_out *left = calloc(1, sizeof(*left));
    if (!left)
        return NULL;
    left->port = (struct missing_tools){left, explain};
    int len = snprintf(left->path, sizeof(left->path), "%s/%s", folder, LEFT_OUT_FILE);
    left->read = len < 0 || (size_t)len >= sizeof(left->path);
    return left;
}

void left_out_free(struct left_out *left)
{
    if (!left)
        return;
    json_free(left->doc);
    free(left);
}

const struct missing_tools *left_out_port(struct left_out *left)
{
    return &left->port;
}

bool left_out_next(struct left_out *left, uint32_t *at, struct left_out_plugin *out)
{
    struct json plugin;
    while (json_exists(plugin = json_at(plugins_of(left), *at))) {
        ++*at;
        if (json_plain(json_at(json_get(plugin, STR("tools")), 0), &out->tool) &&
            json_plain(json_get(plugin, STR("needs")), &out->needs))
            return true;
    }
    return false;
}
