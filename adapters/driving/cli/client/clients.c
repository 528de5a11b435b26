#include "adapters/driving/cli/client/clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/cli/client/config_file.h"
#include "core/base/nearest.h"

const struct client clients[] = {
    {.id = "claude-desktop", .title = "Claude Desktop", .format = &client_jsonc,
     .section = "mcpServers",
     .file = {"XDG_CONFIG_HOME", "/Claude/claude_desktop_config.json",
              "/.config/Claude/claude_desktop_config.json"},
     .folder = {"XDG_CONFIG_HOME", "/Claude", "/.config/Claude"}},
    {.id = "claude-code", .title = "Claude Code", .format = &client_jsonc,
     .section = "mcpServers", .typed = true,
     .file = {"CLAUDE_CONFIG_DIR", "/.claude.json", "/.claude.json"},
     .folder = {"CLAUDE_CONFIG_DIR", "", "/.claude"},
     .project = ".mcp.json"},
    {.id = "cursor", .title = "Cursor", .format = &client_jsonc,
     .section = "mcpServers", .typed = true,
     .file = {NULL, NULL, "/.cursor/mcp.json"},
     .folder = {NULL, NULL, "/.cursor"},
     .project = ".cursor/mcp.json"},
    {.id = "vscode", .title = "VS Code", .format = &client_jsonc,
     .section = "servers", .typed = true,
     .file = {"XDG_CONFIG_HOME", "/Code/User/mcp.json", "/.config/Code/User/mcp.json"},
     .folder = {"XDG_CONFIG_HOME", "/Code", "/.config/Code"},
     .project = ".vscode/mcp.json"},
    {.id = "windsurf", .title = "Windsurf", .format = &client_jsonc,
     .section = "mcpServers",
     .file = {NULL, NULL, "/.codeium/windsurf/mcp_config.json"},
     .newer = {"XDG_CONFIG_HOME", "/devin/mcp_config.json", "/.config/devin/mcp_config.json"},
     .folder = {NULL, NULL, "/.codeium/windsurf"}},
    {.id = "zed", .title = "Zed", .format = &client_jsonc,
     .section = "context_servers",
     .file = {"XDG_CONFIG_HOME", "/zed/settings.json", "/.config/zed/settings.json"},
     .folder = {"XDG_CONFIG_HOME", "/zed", "/.config/zed"},
     .project = ".zed/settings.json"},
    {.id = "gemini", .title = "Gemini CLI", .format = &client_jsonc,
     .section = "mcpServers",
     .file = {"GEMINI_CLI_HOME", "/.gemini/settings.json", "/.gemini/settings.json"},
     .folder = {"GEMINI_CLI_HOME", "/.gemini", "/.gemini"},
     .project = ".gemini/settings.json"},
    {.id = "codex", .title = "Codex CLI", .format = &client_toml,
     .section = "mcp_servers",
     .file = {"CODEX_HOME", "/config.toml", "/.codex/config.toml"},
     .folder = {"CODEX_HOME", "", "/.codex"},
     .project = ".codex/config.toml"},
};
const size_t client_count = sizeof(clients) / sizeof(clients[0]);

int client_by_id(const char *id, const struct client **out, struct error *err)
{
    struct nearest near = {.word = str_from(id)};
    for (size_t i = 0; i < client_count; i++) {
        if (strcmp(clients[i].id, id) == 0) {
            *out = &clients[i];
            return ST_OK;
        }
        nearest_offer(&near, str_from(clients[i].id));
    }
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND, "there is no client \"%s\"; did you mean \"%.*s\"?", id,
                         STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND,
                     "there is no client \"%s\"; \"hexmcp client list\" shows which there are", id);
}

static int place_path(const struct client_place *place, char path[PATH_MAX], struct error *err)
{
    const char *base = place->variable ? secure_getenv(place->variable) : NULL;
    const char *below = place->below_variable;
    if (!base || base[0] != '/') {
        base = secure_getenv("HOME");
        below = place->below_home;
    }
    if (!base || base[0] != '/')
        return error_set(err, ST_INVALID, "there is no home folder: HOME is not set");
    int len = snprintf(path, PATH_MAX, "%s%s", base, below);
    if (len < 0 || len >= PATH_MAX)
        return error_set(err, ST_INVALID, "the path of the home folder is too long");
    return ST_OK;
}

int client_file(const struct client *client, bool project, char path[PATH_MAX], struct error *err)
{
    if (project && !client->project)
        return error_set(err, ST_INVALID, "%s has no configuration file for a project; leave "
                                          "--project out",
                         client->title);
    if (project) {
        char *here = getcwd(path, PATH_MAX);
        size_t len = here ? strlen(here) : 0;
        if (!here || len + strlen(client->project) + 2 > PATH_MAX)
            return error_set(err, ST_INVALID, "the working folder cannot be found out");
        snprintf(path + len, PATH_MAX - len, "/%s", client->project);
        return ST_OK;
    }
    if (client->newer.below_home && place_path(&client->newer, path, err) == ST_OK &&
        access(path, F_OK) == 0)
        return ST_OK;
    return place_path(&client->file, path, err);
}

bool client_is_here(const struct client *client)
{
    char path[PATH_MAX];
    if (client_file(client, false, path, NULL) == ST_OK && access(path, F_OK) == 0)
        return true;
    return place_path(&client->folder, path, NULL) == ST_OK && access(path, F_OK) == 0;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool program_find(const char *name, char path[PATH_MAX])
{
    if (strchr(name, '/')) {
        snprintf(path, PATH_MAX, "%s", name);
        return strlen(name) < PATH_MAX && is_program(path);
    }
    const char *list = getenv("PATH");
    while (list && *list) {
        size_t len = strcspn(list, ":");
        int all = snprintf(path, PATH_MAX, "%.*s/%s", (int)(len < PATH_MAX ? len : PATH_MAX), list,
                           name);
        if (list[0] == '/' && all < PATH_MAX && is_program(path))
            return true;
        list += len + (list[len] == ':');
    }
    return false;
}

static enum client_state state_of(const struct client *client, const struct config_file *file,
                                  struct str name, struct client_report *out)
{
    struct client_found found;
    char program[PATH_MAX];
    if (client->format->find(buffer_str(&file->text), str_from(client->section), name, &found,
                             &out->why))
        return CLIENT_UNREADABLE;
    snprintf(out->command, PATH_MAX, "%.*s", STR_ARG(buffer_str(&found.command)));
    buffer_clear(&found.command);
    if (!found.present)
        return CLIENT_WITHOUT;
    return program_find(out->command, program) ? CLIENT_WITH : CLIENT_BROKEN;
}

void client_look(const struct client *client, bool project, struct str name,
                 struct client_report *out)
{
    struct config_file file;
    *out = (struct client_report){.state = CLIENT_UNREADABLE};
    if (project && !client->project) {
        out->state = CLIENT_HAS_NONE;
        return;
    }
    if (client_file(client, project, out->file, &out->why) ||
        config_file_read(out->file, &file, &out->why))
        return;
    if (!project && !client_is_here(client))
        out->state = CLIENT_ABSENT;
    else
        out->state = state_of(client, &file, name, out);
    config_file_clear(&file);
}

const char *client_state_name(enum client_state state)
{
    static const char *const names[] = {
        [CLIENT_ABSENT] = "not found",        [CLIENT_WITHOUT] = "not added",
        [CLIENT_WITH] = "added",              [CLIENT_BROKEN] = "command missing",
        [CLIENT_UNREADABLE] = "unreadable",   [CLIENT_HAS_NONE] = "user only",
    };
    return names[state];
}
