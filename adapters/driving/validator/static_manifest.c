/* Checks 1 to 4, 12 and 13: the folder and plugin.json. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driving/validator/checks_static.h"
#include "hexmcp/ids.h"

#define MANIFEST "plugin.json"

/* Larger texts work and cost every client that lists tools. */
#define LONG_DESCRIPTION 4096u

static void check_length(struct trial *t, const char *kind, struct json item)
{
    struct buffer name = BUFFER_INIT;
    json_decode(json_get(item, STR("name")), &name);
    struct json description = json_get(item, STR("description"));
    if (json_length(description) > LONG_DESCRIPTION)
        tell_warning(
            t, MANIFEST,
            "the description of %s \"%.*s\" is longer than %u characters, and every client "
            "pays for it; shorten it",
            kind, STR_ARG(buffer_str(&name)), LONG_DESCRIPTION);
    if (json_length(description) == 0)
        tell_warning(t, MANIFEST, "%s \"%.*s\" has no description; say when to use it and when not",
                     kind, STR_ARG(buffer_str(&name)));
    buffer_clear(&name);
}

void check_manifest(struct trial *t)
{
    const struct subject *s = t->subject;
    if (!s->document)
        tell_failure(t, MANIFEST, "%s", s->json_error.text);
    else if (!s->manifest_read)
        tell_failure(t, MANIFEST, "%s", s->manifest_error.text);
    struct json_iter it = json_iter(json_get(subject_json(s), STR("tools")));
    while (json_next(&it))
        check_length(t, "tool", it.value);
    it = json_iter(json_get(subject_json(s), STR("prompts")));
    while (json_next(&it))
        check_length(t, "prompt", it.value);
}

static void check_interface(struct trial *t, struct json value)
{
    static const char *const served[] = {HEXMCP_TOOL_1, HEXMCP_RESOURCE_1, HEXMCP_PROMPT_1,
                                         HEXMCP_STATE_1, HEXMCP_SELFTEST_1};
    static const char *const drafts[] = {HEXMCP_PROVIDER_1, HEXMCP_EVENTSTORE_1,
                                         HEXMCP_KV_STORE_1, HEXMCP_BLOB_1, HEXMCP_SEARCH_1,
                                         HEXMCP_HOOK_1};
    struct str id = {NULL, 0};
    if (!json_plain(value, &id) || !name_is_interface(id)) {
        tell_failure(t, MANIFEST,
                     "%.*s in \"provides\" is no interface id; write NAME/REVISION, such "
                     "as \"hexmcp.tool/1\"",
                     STR_ARG(json_text(value)));
        return;
    }
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
        if (str_eq(id, str_from(served[i])))
            return;
    for (size_t i = 0; i < sizeof(drafts) / sizeof(drafts[0]); i++)
        if (str_eq(id, str_from(drafts[i]))) {
            tell_note(t, MANIFEST, "\"%.*s\" is a draft; it can still change", STR_ARG(id));
            return;
        }
    if (str_starts(id, STR("hexmcp.")))
        tell_warning(t, MANIFEST, "this hexmcp asks no plugin for \"%.*s\"; check the id",
                     STR_ARG(id));
    else
        tell_note(t, MANIFEST,
                  "\"%.*s\" is an interface of somebody else's; hexmcp does not use it",
                  STR_ARG(id));
}

static void check_provides(struct trial *t, struct json root)
{
    static const struct {
        const char *key, *interface;
    } kinds[] = {{"tools", HEXMCP_TOOL_1},
                 {"resources", HEXMCP_RESOURCE_1},
                 {"resourceTemplates", HEXMCP_RESOURCE_1},
                 {"prompts", HEXMCP_PROMPT_1}};
    struct json_iter it = json_iter(json_get(root, STR("provides")));
    uint32_t listed = 0;
    bool dynamic = false;
    while (json_next(&it))
        check_interface(t, it.value);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        listed += json_count(json_get(root, str_from(kinds[i].key)));
    json_bool(json_get(root, STR("dynamic")), &dynamic);
    if (!listed && !dynamic)
        tell_warning(t, MANIFEST,
                     "it lists no tool, resource or prompt and is not dynamic, so that "
                     "nobody can use it; list what it offers");
}

void check_names(struct trial *t)
{
    struct json root = subject_json(t->subject);
    struct buffer id = BUFFER_INIT, version = BUFFER_INIT;
    json_decode(json_get(root, STR("id")), &id);
    json_decode(json_get(root, STR("version")), &version);
    if (!name_is_plugin_id(buffer_str(&id)))
        tell_failure(t, MANIFEST,
                     "the id \"%.*s\" is none; take a reverse domain name of yours in "
                     "lower case, such as org.example.hello",
                     STR_ARG(buffer_str(&id)));
    else if (!str_eq(buffer_str(&id), str_from(t->subject->name)))
        tell_failure(t, MANIFEST,
                     "the folder is named \"%s\", the plugin \"%.*s\"; rename the folder",
                     t->subject->name, STR_ARG(buffer_str(&id)));
    if (!name_is_version(buffer_str(&version)))
        tell_failure(t, MANIFEST,
                     "the version \"%.*s\" is no semantic version of at most 31 bytes; "
                     "write one such as 1.0.0",
                     STR_ARG(buffer_str(&version)));
    check_provides(t, root);
    buffer_clear(&id);
    buffer_clear(&version);
}

void check_digest(struct trial *t)
{
    const struct subject *s = t->subject;
    struct error err;
    struct str digest = s->manifest.text[TEXT_DIGEST];
    if (!digest.len)
        tell_note(t, MANIFEST,
                  "it has no digest, so that a changed plugin.so is not noticed; "
                  "\"hexmcp plugin pack\" writes one");
    else if (digest_check(t->crypto, digest, "plugin.json", s->image, &err))
        tell_failure(t, MANIFEST, "%s; pack the plugin anew", err.text);
}

static void check_entry(struct trial *t, const struct trust *trust, const char *name)
{
    const struct subject *s = t->subject;
    struct stat st;
    struct error err;
    char target[PATH_MAX];
    if (fstatat(s->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISLNK(st.st_mode)) {
        ssize_t len = readlinkat(s->folder, name, target, sizeof(target) - 1);
        target[len > 0 ? len : 0] = '\0';
        enum refusal why;
        int fd = open_file_beneath(s->folder, name, &st, &why, &err);
        if (fd < 0)
            tell_failure(t, name,
                         "it is a link to %s, which is no file in the folder; put the file "
                         "there",
                         target);
        else
            close(fd);
    } else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
        if (trust_check(trust, &st, name, &err))
            tell_failure(t, name, "%s", err.text);
    } else {
        tell_failure(t, name, "it is no file, folder or link; take it away");
    }
}

static void check_entries(struct trial *t, const struct trust *trust)
{
    int fd = openat(t->subject->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            check_entry(t, trust, entry->d_name);
    if (entries)
        closedir(entries);
}

void check_permissions(struct trial *t)
{
    const struct subject *s = t->subject;
    struct trust trust = trust_here(false);
    struct stat st;
    struct error err;
    if (fstat(s->folder, &st) == 0 && trust_check(&trust, &st, s->name, &err))
        tell_failure(t, s->name, "%s", err.text);
    if (!s->document && s->json_error.code == ST_NOT_FOUND)
        tell_failure(t, MANIFEST, "%s", s->json_error.text);
    if (s->binary_fd < 0)
        tell_failure(t, s->binary, "%s", s->image_error.text);
    check_entries(t, &trust);
}

static bool any_required(struct json schema)
{
    return json_count(json_get(schema, STR("required"))) > 0;
}

void check_config_schema(struct trial *t)
{
    struct json schema = json_get(subject_json(t->subject), STR("config"));
    struct buffer filled = BUFFER_INIT;
    struct error err;
    if (!json_exists(schema)) {
        tell_note(t, MANIFEST, "it has no settings");
        return;
    }
    if (t->rules->check_schema(t->rules->ctx, json_text(schema), &err)) {
        tell_failure(t, MANIFEST, "/config: %s", err.text);
        return;
    }
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    while (json_next(&it)) {
        struct json initial = json_get(it.value, STR("default"));
        buffer_reset(&filled, 4096);
        if (json_exists(initial) &&
            t->rules->check_value(t->rules->ctx, json_text(it.value), json_text(initial), true,
                                  &filled, &err) == ST_OK &&
            !memmem(filled.data, filled.len, "\"valid\":true", 12))
            tell_failure(t, MANIFEST,
                         "the default of the setting %.*s does not fit its own schema; "
                         "mend one of them",
                         STR_ARG(json_text(it.key)));
    }
    buffer_reset(&filled, 4096);
    if (!any_required(schema) &&
        t->rules->check_settings(t->rules->ctx, json_text(schema), STR("{}"), &filled, &err))
        tell_failure(t, MANIFEST, "settings that nobody has set do not fit /config: %s", err.text);
    buffer_clear(&filled);
}

static void report_grant(struct trial *t, const char *what, struct json value)
{
    struct buffer text = BUFFER_INIT;
    json_decode(value, &text);
    struct str word = json_type(value) == JSON_STRING ? buffer_str(&text) : json_text(value);
    bool wild = strcmp(what, "operations") == 0 ? str_eq(word, STR("*"))
                                                : memchr(word.ptr, '*', word.len) != NULL;
    if (wild)
        tell_warning(t, MANIFEST,
                     "it asks for %s \"%.*s\"; name what it needs instead of a wildcard", what,
                     STR_ARG(word));
    else if (strcmp(what, "programs") == 0 &&
             (str_ends(word, STR("sh")) || str_ends(word, STR("env"))))
        tell_warning(t, MANIFEST,
                     "it asks for the program \"%.*s\", which starts any other; name the "
                     "program that it needs",
                     STR_ARG(word));
    else
        tell_note(t, MANIFEST, "it asks for %s \"%.*s\"", what, STR_ARG(word));
    buffer_clear(&text);
}

void check_grants(struct trial *t)
{
    struct json grants = json_get(subject_json(t->subject), STR("grants"));
    struct buffer key = BUFFER_INIT;
    if (json_count(grants) == 0)
        tell_note(t, MANIFEST, "it asks for nothing");
    struct json_iter it = json_iter(grants);
    while (json_next(&it)) {
        buffer_reset(&key, 64);
        json_decode(it.key, &key);
        buffer_add_char(&key, '\0');
        struct json_iter values = json_iter(it.value);
        if (json_type(it.value) != JSON_ARRAY)
            tell_note(t, MANIFEST, "it asks for %s %.*s", key.data, STR_ARG(json_text(it.value)));
        else
            while (json_next(&values))
                report_grant(t, key.data, values.value);
    }
    buffer_clear(&key);
}
