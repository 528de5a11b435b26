/*
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include "text.h"

#define PATH_BYTES_MAX 4000

enum member { URL, FOLDER, SYNCHRONOUS, MAX_BATCH, BUSY_MS, MAX_BYTES, MEMBERS };

static const hexmcp_str names[MEMBERS] = {
    [URL] = LIT("url"),           [FOLDER] = LIT("folder"),         [SYNCHRONOUS] = LIT("synchronous"),
    [MAX_BATCH] = LIT("maxBatch"), [BUSY_MS] = LIT("busyTimeoutMs"), [MAX_BYTES] = LIT("maxBytes"),
};

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory reading the settings; try again");
}

static int32_t read_folder(hexmcp_str value, struct config *config, hexmcp_error *err)
{
    if (!value.ptr)
        return HEXMCP_OK;
    if (hexmcp_json_string_dup(value, &config->folder, NULL) != HEXMCP_OK ||
        config->folder[0] != '/' || strlen(config->folder) > PATH_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "\"folder\" must be the absolute path of a folder");
    return HEXMCP_OK;
}

/* "sqlite:" is the file store.sqlite in the folder; then the folder is the store's to make. */
static int32_t read_url(hexmcp_str value, struct config *config, hexmcp_error *err)
{
    char url[PATH_BYTES_MAX + 10] = "sqlite:";
    static const char name[] = "/store.sqlite";
    if (value.ptr && hexmcp_json_string(value, url, sizeof(url), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "\"url\" must be \"sqlite:\" or \"sqlite:/PATH\"");
    if (strncmp(url, "sqlite:", 7) != 0 || (url[7] != '\0' && url[7] != '/'))
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "\"url\" is \"%.200s\"; it must be \"sqlite:\" or \"sqlite:/PATH\"", url);
    if (url[7] == '\0' && !config->folder)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "\"url\" names no file and there is no \"folder\"; set one of them");
    const char *folder = url[7] == '\0' ? config->folder : "";
    const char *file = url[7] == '\0' ? name : url + 7;
    size_t room = strlen(folder) + strlen(file) + 1;
    config->path = malloc(room);
    if (!config->path)
        return no_memory(err);
    snprintf(config->path, room, "%s%s", folder, file);
    if (url[7] != '\0') {
        free(config->folder);
        config->folder = NULL;
    }
    return HEXMCP_OK;
}

static int32_t read_number(const hexmcp_str *values, enum member which, int64_t min, int64_t max,
                           int64_t *ret, hexmcp_error *err)
{
    char what[40];
    snprintf(what, sizeof(what), "\"%s\"", names[which].ptr);
    if (text_number(values[which], min, max, what, ret, err) != HEXMCP_OK)
        return err->code = HEXMCP_E_CONFIG;
    return HEXMCP_OK;
}

static int32_t read_rest(const hexmcp_str *values, struct config *config, hexmcp_error *err)
{
    int64_t batch = 256, busy = 5000;
    if (read_number(values, MAX_BATCH, 1, 100000, &batch, err) != HEXMCP_OK ||
        read_number(values, BUSY_MS, 0, 3600000, &busy, err) != HEXMCP_OK ||
        read_number(values, MAX_BYTES, 1 << 20, INT64_MAX, &config->max_bytes, err) != HEXMCP_OK)
        return err->code;
    config->max_batch = (int)batch;
    config->busy_ms = (int)busy;
    config->full = !values[SYNCHRONOUS].ptr || hexmcp_json_equals(values[SYNCHRONOUS], "full");
    if (!config->full && !hexmcp_json_equals(values[SYNCHRONOUS], "normal"))
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "\"synchronous\" must be \"full\" or \"normal\"");
    return HEXMCP_OK;
}

int32_t config_read(hexmcp_str json, struct config *ret, hexmcp_error *err)
{
    struct config config = {0};
    hexmcp_str values[MEMBERS];
    int32_t status = text_members(json, names, values, MEMBERS, "the configuration", err);
    if (status != HEXMCP_OK)
        return err->code = HEXMCP_E_CONFIG;
    status = read_folder(values[FOLDER], &config, err);
    if (status == HEXMCP_OK)
        status = read_url(values[URL], &config, err);
    if (status == HEXMCP_OK)
        status = read_rest(values, &config, err);
    if (status == HEXMCP_OK)
        *ret = config;
    else
        config_clear(&config);
    return status;
}

void config_clear(struct config *config)
{
    free(config->path);
    free(config->folder);
    *config = (struct config){0};
}
