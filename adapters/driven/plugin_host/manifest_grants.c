/* The member `grants` of a manifest: what the plugin asks for. */
#include "adapters/driven/plugin_host/manifest_parts.h"
#include "core/policy/plugin_grants.h"

#define GRANT_ENTRIES_MAX 64u

/* One list, while it is read. */
struct list_reader {
    enum grant_list list;
    struct json all;
    uint32_t index;  /* of the entry that is read */
    bool sees_value; /* it is an object, which says whether a secret is revealed */
};

static int check_entry(struct reader *r, const struct list_reader *list, struct json name)
{
    struct buffer scratch = BUFFER_INIT;
    struct error why = {0};
    struct str text;
    int rc = reader_text(r, name, &scratch, &text);
    if (!rc && list->sees_value && str_eq(text, STR("*")))
        rc = reader_fail(r, "secrets that the plugin sees the value of are asked for one by one, by "
                            "their names");
    if (!rc && !grant_valid(list->list, text, &why))
        rc = reader_fail(r, "%s", why.text);
    buffer_clear(&scratch);
    return rc;
}

static struct json name_of(struct json entry)
{
    return json_type(entry) == JSON_OBJECT ? json_get(entry, STR("name")) : entry;
}

static int check_new(struct reader *r, const struct list_reader *list, struct json name)
{
    struct json_iter it = json_iter(list->all);
    for (uint32_t i = 0; i < list->index && json_next(&it); i++)
        if (json_same_string(name, name_of(it.value)))
            return reader_fail(r, "%.*s is there twice", STR_ARG(json_text(name)));
    return ST_OK;
}

static int read_reveal(struct reader *r, struct json v, void *out)
{
    bool reveal;
    (void)out;
    return reader_bool(r, v, &reveal);
}

static int read_secret_name(struct reader *r, struct json v, void *out)
{
    const struct list_reader *list = out;
    int rc = check_entry(r, list, v);
    return rc ? rc : check_new(r, list, v);
}

static int read_entry(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"name", true, read_secret_name},
        {"reveal", false, read_reveal},
    };
    struct list_reader *list = out;
    int rc;
    list->sees_value = list->list == GRANT_SECRETS && json_type(v) == JSON_OBJECT;
    if (list->sees_value)
        rc = reader_object(r, v, fields, 2, false, list);
    else
        rc = read_secret_name(r, v, list);
    list->index++;
    return rc;
}

static int read_list(struct reader *r, struct json v, enum grant_list which)
{
    struct list_reader list = {.list = which, .all = v};
    if (json_count(v) > GRANT_ENTRIES_MAX)
        return reader_fail(r, "more than %u entries", GRANT_ENTRIES_MAX);
    return reader_array(r, v, read_entry, &list);
}

static int read_hosts(struct reader *r, struct json v, void *out)
{
    (void)out;
    return read_list(r, v, GRANT_HOSTS);
}

static int read_env(struct reader *r, struct json v, void *out)
{
    (void)out;
    return read_list(r, v, GRANT_ENV);
}

static int read_programs(struct reader *r, struct json v, void *out)
{
    (void)out;
    return read_list(r, v, GRANT_PROGRAMS);
}

static int read_secrets(struct reader *r, struct json v, void *out)
{
    (void)out;
    return read_list(r, v, GRANT_SECRETS);
}

static int read_operations(struct reader *r, struct json v, void *out)
{
    (void)out;
    return read_list(r, v, GRANT_OPERATIONS);
}

static int read_path(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"read", "write", "direct"};
    static const uint32_t flags[] = {RECORD_READS_PATHS, RECORD_READS_PATHS | RECORD_WRITES_PATHS,
                                     RECORD_DIRECT_PATHS};
    size_t which = 0;
    int rc = reader_word(r, v, words, 3, &which);
    if (!rc)
        ((struct manifest *)out)->flags |= flags[which];
    return rc;
}

static int read_paths(struct reader *r, struct json v, void *out)
{
    const struct manifest *m = out;
    int rc = reader_array(r, v, read_path, out);
    if (!rc && (m->flags & (RECORD_DIRECT_PATHS | RECORD_READS_PATHS)) == RECORD_DIRECT_PATHS)
        rc = reader_fail(r, "\"direct\" says how files are opened; add \"read\" or \"write\"");
    return rc;
}

static int read_system_set(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"libraries", "timezones", "locales", "fonts",
                                        "certificates", "machine"};
    size_t which;
    (void)out;
    return reader_word(r, v, words, sizeof(words) / sizeof(words[0]), &which);
}

static int read_system(struct reader *r, struct json v, void *out)
{
    return reader_array(r, v, read_system_set, out);
}

static int read_memory(struct reader *r, struct json v, void *out)
{
    uint32_t mebibytes;
    (void)out;
    return reader_u32(r, v, GRANT_MEMORY_LEAST, GRANT_MEMORY_MOST, &mebibytes);
}

static int read_cpu(struct reader *r, struct json v, void *out)
{
    uint32_t seconds;
    (void)out;
    return reader_u32(r, v, 1, GRANT_CPU_MOST, &seconds);
}

static int read_processes(struct reader *r, struct json v, void *out)
{
    uint32_t count;
    (void)out;
    return reader_u32(r, v, 1, GRANT_PROCESSES_MOST, &count);
}

int manifest_read_grants(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"paths", false, read_paths},       {"hosts", false, read_hosts},
        {"env", false, read_env},           {"programs", false, read_programs},
        {"secrets", false, read_secrets},   {"system", false, read_system},
        {"memoryMiB", false, read_memory},  {"cpuSeconds", false, read_cpu},
        {"processes", false, read_processes}, {"operations", false, read_operations},
    };
    ((struct manifest *)out)->text[TEXT_GRANTS] = json_text(v);
    return reader_object(r, v, fields, sizeof(fields) / sizeof(fields[0]), false, out);
}
