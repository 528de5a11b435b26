/* The resource templates. The host has matched the URI: the variables come decoded. */
#include "everything.h"

static const struct {
    const char *path;
    const char *lines[3];
} files[] = {
    {"readme.txt", {"first", "second", "third"}},
    {"docs/one.txt", {"one", NULL, NULL}},
    {"docs/two.txt", {"one", "two", NULL}},
};

#define FILE_COUNT (sizeof(files) / sizeof(files[0]))

/* One content with this text, under the URI that was asked for. */
static int32_t answer_content(const hexmcp_round *r, const char *text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", r->name);
    hexmcp_json_put_text(&w, "mimeType", "text/plain");
    hexmcp_json_put_text(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

/* What matches a template and yet is not there is not found. */
static int32_t not_found(const hexmcp_round *r)
{
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no resource %.*s",
                       (int)(r->name.len < 300 ? r->name.len : 300), r->name.ptr);
}

/* everything://greeting/{name} */
static int32_t read_greeting(const hexmcp_round *r)
{
    char name[200], text[300];
    int32_t status = hexmcp_round_get_text(r, "name", name, sizeof(name));
    if (status != HEXMCP_OK)
        return status;
    snprintf(text, sizeof(text), "%s, %s!", self_of(r)->greeting, name);
    return answer_content(r, text);
}

/* 1 to 3 of `lines`; -1 if it is something else. An absent variable has no member. */
static int lines_asked(const hexmcp_round *r)
{
    hexmcp_str lines;
    char text[2];
    if (hexmcp_json_get(r->args, "lines", &lines) != HEXMCP_OK)
        return 3;
    if (hexmcp_json_string(lines, text, sizeof(text), NULL) != HEXMCP_OK)
        return -1;
    return text[0] >= '1' && text[0] <= '3' ? text[0] - '0' : -1;
}

/* everything://files/{+path}{?lines} */
static int32_t read_file(const hexmcp_round *r)
{
    char path[64], text[64] = "";
    int len = 0;
    int count = lines_asked(r);
    if (count < 0 || hexmcp_round_get_text(r, "path", path, sizeof(path)) != HEXMCP_OK)
        return not_found(r);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (strcmp(path, files[i].path) != 0)
            continue;
        for (int j = 0; j < count && files[i].lines[j]; j++)
            len += snprintf(text + len, sizeof(text) - (size_t)len, "%s\n", files[i].lines[j]);
        return answer_content(r, text);
    }
    return not_found(r);
}

/* everything://city/{country}/{city} */
static int32_t read_city(const hexmcp_round *r)
{
    char country[64], city[64], text[160];
    int32_t status = hexmcp_round_get_text(r, "country", country, sizeof(country));
    if (status == HEXMCP_OK)
        status = hexmcp_round_get_text(r, "city", city, sizeof(city));
    if (status != HEXMCP_OK)
        return status;
    snprintf(text, sizeof(text), "%s is in %s.", city, country);
    return answer_content(r, text);
}

int32_t read_template(const hexmcp_round *r)
{
    if (hexmcp_str_begins(r->name, "everything://greeting/"))
        return read_greeting(r);
    if (hexmcp_str_begins(r->name, "everything://files/"))
        return read_file(r);
    if (hexmcp_str_begins(r->name, "everything://city/"))
        return read_city(r);
    if (hexmcp_str_begins(r->name, "everything://extra-"))
        return answer_content(r, "Came while the server ran.\n");
    return not_found(r);
}

int32_t suggest_for_template(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed)
{
    static const char *const names[] = {"Ada", "Alan", "Grace"};
    static const char *const counts[] = {"1", "2", "3"};
    const char *paths[FILE_COUNT];
    for (size_t i = 0; i < FILE_COUNT; i++)
        paths[i] = files[i].path;
    if (hexmcp_str_equals(argument, "name"))
        return hexmcp_round_suggest(r, names, 3, typed);
    if (hexmcp_str_equals(argument, "path"))
        return hexmcp_round_suggest(r, paths, FILE_COUNT, typed);
    if (hexmcp_str_equals(argument, "lines"))
        return hexmcp_round_suggest(r, counts, 3, typed);
    return suggest_place(r, argument, typed);
}
