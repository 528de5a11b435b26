/*
 * plugin.c - the tool "template-engine" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/answer.h"
#include "kit/args.h"
#include "kit/keep.h"
#include "mustache.h"
#include "tera.h"

#define PREVIEW_BYTES ((size_t)4096)

enum engine { ENGINE_TERA, ENGINE_HANDLEBARS };

static const char *const engine_names[] = {"tera", "handlebars", NULL};

static bool has(hexmcp_str text, const char *sign)
{
    return text.len > 0 && memmem(text.ptr, text.len, sign, strlen(sign)) != NULL;
}

/* By signs that only one of them has. */
static enum engine detect(hexmcp_str text)
{
    static const char *const signs[] = {"{{#", "{{/", "{{^", "{{>", "{{!", "{{&", "{{{", "{{=", "{{~", "{{@"};
    if (has(text, "{%") || has(text, "{#-"))
        return ENGINE_TERA;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (has(text, signs[i]))
            return ENGINE_HANDLEBARS;
    return ENGINE_TERA;
}

/* No half a character at the end. */
static hexmcp_str preview(hexmcp_str text)
{
    size_t len = PREVIEW_BYTES;
    while (len > 0 && (text.ptr[len] & 0xc0) == 0x80)
        len--;
    return (hexmcp_str){text.ptr, len};
}

static int32_t complete(const struct render *render, enum engine engine)
{
    hexmcp_str text = bytes_str(&render->out);
    struct answer answer;
    struct kept kept;
    bool large = text.len > KEEP_ABOVE;
    hexmcp_json_writer *w = answer_begin(&answer, render->r);
    hexmcp_json_put_text(w, "operation", "render");
    hexmcp_json_put_text(w, "engine", engine_names[engine]);
    hexmcp_json_put_int64(w, "bytes", (int64_t)text.len);
    hexmcp_json_put_bool(w, "truncated", large);
    hexmcp_json_put_string(w, "output", large ? preview(text) : text);
    if (large) {
        int32_t status = keep(&answer, text, "rendered.txt", "text/plain",
                              "render parts of it by several calls", &kept);
        if (status != HEXMCP_OK) {
            answer_drop(&answer);
            return status;
        }
        hexmcp_json_put_text(w, "uri", kept.uri);
    }
    answer_text(&answer, "Rendered %zu bytes%s.", text.len,
                large ? "; the whole is at the link, here is its beginning" : "");
    return answer_end(&answer);
}

static struct value read_object(struct render *render, struct args *args, const char *key)
{
    hexmcp_str json = args_raw(args, key);
    struct value none = {.type = VALUE_OBJECT};
    if (json.len > CONTEXT_BYTES_MAX)
        render_fail(render, HEXMCP_E_TOO_LARGE, "%s has more than 10 MiB; give a smaller one", key);
    if (json.len == 0 || render->status != HEXMCP_OK)
        return none;
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        render_fail(render, HEXMCP_E_INVALID, "%s is not an object; give an object", key);
    return value_parse(render, json);
}

static int32_t run(struct render *render, struct args *args, hexmcp_str text, enum engine engine)
{
    struct value context = read_object(render, args, "context");
    struct value partials = read_object(render, args, "partials");
    if (engine == ENGINE_TERA)
        tera_render(render, text, &context);
    else
        mustache_render(render, text, &context, &partials);
    return render->status == HEXMCP_OK ? complete(render, engine) : render->status;
}

static int32_t handle(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct render render;
    hexmcp_str text = args_bytes(&args, "input", TEMPLATE_BYTES_MAX);
    bool chosen = args_has(&args, "engine") || !args_bool(&args, "auto_detect", true);
    enum engine engine = (enum engine)args_choice(&args, "engine", engine_names, ENGINE_TERA);
    bool escape = args_bool(&args, "escape_html", true);
    if (!text.ptr)
        args_fail(&args, HEXMCP_E_INVALID, "input is missing; give the template");
    if (!chosen)
        engine = detect(text);
    int32_t status = args_status(&args);
    if (status == HEXMCP_OK) {
        render_begin(&render, r, escape);
        status = run(&render, &args, text, engine);
        render_end(&render);
    }
    args_end(&args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("template-engine", handle), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.template-engine", "0.1.0", plugin);
