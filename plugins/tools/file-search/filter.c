/*
 * SPDX-License-Identifier: MIT
 */
#include "filter.h"
#include "glob.h"

#include "hexmcp/json.h"

struct globs {
    struct glob **at;
    size_t count;
};

struct filter {
    const struct request *request;
    struct globs include;
    struct globs exclude;
};

static int32_t make_globs(const struct list *list, const char *name, struct globs *globs,
                          hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    globs->at = calloc(list->count + 1, sizeof(*globs->at));
    if (!globs->at)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the patterns; try again");
    for (size_t i = 0; i < list->count && status == HEXMCP_OK; i++) {
        status = glob_new(list->at[i], name, &globs->at[i], err);
        globs->count += status == HEXMCP_OK;
    }
    return status;
}

static void free_globs(struct globs *globs)
{
    for (size_t i = 0; i < globs->count; i++)
        glob_free(globs->at[i]);
    free(globs->at);
}

int32_t filter_new(const struct request *request, struct filter **ret, hexmcp_error *err)
{
    struct filter *filter = calloc(1, sizeof(*filter));
    if (!filter)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the patterns; try again");
    filter->request = request;
    int32_t status = make_globs(&request->include, "include", &filter->include, err);
    if (status == HEXMCP_OK)
        status = make_globs(&request->exclude, "exclude", &filter->exclude, err);
    if (status == HEXMCP_OK)
        *ret = filter;
    else
        filter_free(filter);
    return status;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    free_globs(&filter->include);
    free_globs(&filter->exclude);
    free(filter);
}

static int one_matches(const struct globs *globs, const char *path, const char *name)
{
    for (size_t i = 0; i < globs->count; i++)
        if (glob_matches(globs->at[i], path, name))
            return 1;
    return 0;
}

/* Is `extension`, with or without its dot, what `name` ends with? */
static int ends_with(const char *name, hexmcp_str extension)
{
    size_t len = strlen(name);
    if (extension.len > 0 && extension.ptr[0] == '.') {
        extension.ptr++;
        extension.len--;
    }
    return extension.len > 0 && len > extension.len + 1 && name[len - extension.len - 1] == '.' &&
           memcmp(name + len - extension.len, extension.ptr, extension.len) == 0;
}

static int one_ends(const struct list *extensions, const char *name)
{
    for (size_t i = 0; i < extensions->count; i++)
        if (ends_with(name, extensions->at[i]))
            return 1;
    return 0;
}

int filter_takes_file(struct filter *filter, const char *path, const char *name)
{
    const struct request *request = filter->request;
    if (request->include_extensions.count > 0 && !one_ends(&request->include_extensions, name))
        return 0;
    if (one_ends(&request->exclude_extensions, name) || one_matches(&filter->exclude, path, name))
        return 0;
    return filter->include.count == 0 || one_matches(&filter->include, path, name);
}

static int is_named(const struct list *names, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < names->count; i++)
        if (names->at[i].len == len && memcmp(names->at[i].ptr, name, len) == 0)
            return 1;
    return 0;
}

int filter_takes_folder(struct filter *filter, const char *path, const char *name)
{
    return strcmp(name, ".git") != 0 && strcmp(name, ".svn") != 0 &&
           !is_named(&filter->request->exclude_dirs, name) &&
           !one_matches(&filter->exclude, path, name);
}
