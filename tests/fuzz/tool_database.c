/*
 * database-connector: by the first byte, any bytes as arguments, as the settings, as a value of PostgreSQL, or
 * as a database file of SQLite that is read, changed and described.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hexmcp/host/files.h"
#include "plugins/tools/database-connector/first_word.h"
#include "plugins/tools/database-connector/postgresql_values.h"
#include "plugins/tools/database-connector/settings.h"
#include "tests/fuzz/tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int folder = -1;

static int32_t open_file(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t flags, int32_t *fd,
                         hexmcp_error *err)
{
    char name[300];
    (void)ctx;
    (void)call;
    if (path.len == 0 || path.len > 255 || memchr(path.ptr, '/', path.len) || path.ptr[0] != 'f')
        return hexmcp_fail(err, HEXMCP_E_DENIED, "not granted");
    snprintf(name, sizeof(name), "%.*s", (int)path.len, path.ptr);
    *fd = openat(folder, name, (flags & HEXMCP_FILES_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    return *fd >= 0 ? HEXMCP_OK : hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is none");
}

static int32_t open_parent(void *ctx, hexmcp_call call, hexmcp_str path, uint32_t access, int32_t *fd,
                           char *name, hexmcp_error *err)
{
    (void)ctx;
    (void)call;
    (void)access;
    (void)err;
    snprintf(name, HEXMCP_FILES_NAME_MAX + 1, "%.*s", (int)path.len, path.ptr);
    *fd = dup(folder);
    return HEXMCP_OK;
}

static const void *services(void *ctx, const char *id)
{
    static const hexmcp_files_1 files = {.size = sizeof(files), .open = open_file, .parent = open_parent};
    (void)ctx;
    return strcmp(id, HEXMCP_FILES_1) == 0 ? &files : NULL;
}

static char place[64];

static void forget(void)
{
    static const char *const names[] = {"f.db", "f.db-journal", "f.db-wal"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlinkat(folder, names[i], 0);
    rmdir(place);
}

static const hexmcp_tool_1 *load(void)
{
    static const hexmcp_host host = {.size = sizeof(host), .name = "fuzz", .version = "0",
                                     .get_interface = services, .complete = tool_complete,
                                     .progress = tool_progress};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
        char made[] = "/tmp/hexmcp-fuzz-XXXXXX";
        assert(mkdtemp(made));
        folder = open(made, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        atexit(forget);
        strcpy(place, made);
    }
    return plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
}

static void call(hexmcp_str arguments)
{
    hexmcp_error err = {.size = sizeof(err)};
    const hexmcp_tool_1 *tool = load();
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from("database-connector"), arguments, &err);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
}

static void put(const char *name, const uint8_t *data, size_t size)
{
    int fd = openat(folder, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
}

static void database(const uint8_t *data, size_t size)
{
    load();
    unlinkat(folder, "f.db-journal", 0);
    unlinkat(folder, "f.db-wal", 0);
    if (size > 4096) /* the rest is its log */
        put("f.db-wal", data + 4096, size - 4096);
    put("f.db", data, size > 4096 ? 4096 : size);
    call(hexmcp_str_from("{\"operation\":\"schema\",\"path\":\"f.db\",\"timeout_ms\":200}"));
    call(hexmcp_str_from("{\"query\":\"SELECT * FROM t ORDER BY 1\",\"path\":\"f.db\",\"timeout_ms\":200}"));
    call(hexmcp_str_from("{\"query\":\"UPDATE t SET a = a + 1\",\"query_type\":\"UPDATE\",\"path\":\"f.db\","
                         "\"timeout_ms\":200}"));
}

static void settings(hexmcp_str text)
{
    static struct settings s;
    struct database db = {0};
    hexmcp_error err = {.size = sizeof(err)};
    char *copy = strndup(text.ptr, text.len);
    settings_read(&s, text, &err);
    if (settings_read_url(copy, &db, &err) == HEXMCP_OK)
        assert(db.host[0] != '\0' && db.host[0] != '/' && db.port > 0 && db.port < 65536 && db.user[0]);
    const char *word = first_word(copy);
    assert(!word || (word >= copy && word <= copy + strlen(copy)));
    free(copy);
}

static void value(const uint8_t *data, size_t size)
{
    static const unsigned types[] = {16, 17, 20, 701, 1114, 1184, 25};
    struct rows rows;
    hexmcp_error err = {.size = sizeof(err)};
    char *text = strndup((const char *)data, size);
    rows_begin(&rows, 0, 1);
    assert(rows_row(&rows));
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (types[i] != 701) /* a number of the server is passed on as it is */
            postgresql_put(&rows, types[i], text, strlen(text));
    rows_end_row(&rows);
    assert(rows_end(&rows, &err) == HEXMCP_OK);
    rows_free(&rows);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hexmcp_str rest = {(const char *)data + 1, size - 1};
    if (size == 0)
        return 0;
    if (data[0] == 'a')
        call(rest);
    else if (data[0] == 's')
        settings(rest);
    else if (data[0] == 'v')
        value(data + 1, size - 1);
    else
        database(data, size);
    return 0;
}
