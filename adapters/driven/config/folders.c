#include "adapters/driven/config/folders.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/path.h"
#include "core/json/writer.h"

static int add_home(const struct setting *setting, struct buffer *out, struct error *err)
{
    const char *home = secure_getenv("HOME");
    if (!home || home[0] != '/')
        return error_set(err, ST_CONFIG, "%s: \"~\" cannot be used, as HOME is not set",
                         setting->key);
    buffer_add_str(out, str_from(home));
    return ST_OK;
}

static int add_working_folder(const struct setting *setting, enum config_layer layer,
                              struct str path, struct buffer *out, struct error *err)
{
    char folder[PATH_MAX];
    if (layer != LAYER_PROJECT && layer != LAYER_COMMAND_LINE)
        return error_set(err, ST_CONFIG,
                         "%s: \"%.*s\" must begin with \"/\" or \"~/\"; only a project file and the "
                         "command line can name folders from where they are",
                         setting->key, STR_ARG(path));
    if (!getcwd(folder, sizeof(folder)))
        return error_set(err, ST_CONFIG, "%s: the working folder is not known: %s", setting->key,
                         strerror(errno));
    buffer_add_str(out, str_from(folder));
    buffer_add_char(out, '/');
    return ST_OK;
}

static int resolve(const struct setting *setting, enum config_layer layer, struct str path,
                   struct buffer *out, struct error *err)
{
    struct buffer whole = BUFFER_INIT;
    bool home = path.len && path.ptr[0] == '~' && (path.len == 1 || path.ptr[1] == '/');
    struct str rest = home ? (struct str){path.ptr + 1, path.len - 1} : path;
    int rc = ST_OK;
    if (home)
        rc = add_home(setting, &whole, err);
    else if (!path_is_absolute(path))
        rc = add_working_folder(setting, layer, path, &whole, err);
    buffer_add_str(&whole, rest);
    if (!rc && path.len == 0)
        rc = error_set(err, ST_CONFIG, "%s: a folder must not be empty", setting->key);
    if (!rc && path_clean(buffer_str(&whole), out, err))
        rc = error_prefix(err, "%s: ", setting->key);
    buffer_clear(&whole);
    if (rc)
        err->code = ST_CONFIG;
    return rc ? ST_CONFIG : ST_OK;
}

int folders_resolve(const struct setting *setting, enum config_layer layer, struct json folders,
                    struct buffer *out, struct error *err)
{
    struct buffer scratch = BUFFER_INIT, path = BUFFER_INIT;
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(folders);
    struct str text;
    int rc = ST_OK;
    json_begin_array(&w);
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        buffer_reset(&path, SIZE_MAX);
        rc = json_string(it.value, &scratch, &text)
                 ? resolve(setting, layer, text, &path, err)
                 : error_set(err, ST_NOMEM, "out of memory");
        if (!rc)
            json_write_string(&w, buffer_str(&path));
    }
    json_end_array(&w);
    buffer_clear(&scratch);
    buffer_clear(&path);
    return rc;
}

static bool is_within(struct json before, struct str path)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(before);
    struct str folder, rest;
    bool within = false;
    while (!within && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        within = json_string(it.value, &scratch, &folder) && path_beneath(path, folder, &rest);
    }
    buffer_clear(&scratch);
    return within;
}

int folders_within(const struct setting *setting, struct json before, struct json folders,
                   struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(folders);
    struct str path;
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        if (!json_string(it.value, &scratch, &path))
            rc = error_set(err, ST_NOMEM, "out of memory");
        else if (!is_within(before, path))
            rc = error_set(err, ST_CONFIG,
                           "a project file may only narrow %s, which is %.*s, and %.*s is not in it; "
                           "set it in your user file",
                           setting->key, STR_ARG(json_text(before)), STR_ARG(path));
    }
    buffer_clear(&scratch);
    return rc;
}
