#include "adapters/driving/validator/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int read_all(int fd, size_t size, struct str *out)
{
    char *bytes = malloc(size + 1);
    size_t got = 0;
    ssize_t n = 1;
    while (bytes && n > 0 && got < size) {
        n = read(fd, bytes + got, size - got);
        got += n > 0 ? (size_t)n : 0;
    }
    if (!bytes)
        return -1;
    bytes[got] = '\0';
    *out = (struct str){bytes, got};
    return 0;
}

static void read_manifest(struct subject *s)
{
    struct stat st;
    enum refusal why;
    int fd = open_file_beneath(s->folder, "plugin.json", &st, &why, &s->json_error);
    if (fd >= 0 && (size_t)st.st_size > MANIFEST_MAX_BYTES)
        error_set(&s->json_error, ST_TOO_LARGE, "plugin.json: larger than 1 MiB");
    else if (fd >= 0 && read_all(fd, (size_t)st.st_size, &s->manifest_text))
        error_set(&s->json_error, ST_NOMEM, "plugin.json: out of memory");
    else if (fd >= 0 && json_parse(s->manifest_text, &s->document, &s->json_error))
        error_prefix(&s->json_error, "plugin.json: ");
    if (fd >= 0)
        close(fd);
    if (!s->document) {
        s->manifest_error = s->json_error;
        return;
    }
    s->manifest_read =
        manifest_read(s->manifest_text, NULL, &s->manifest, &s->manifest_error) == ST_OK;
}

static void read_binary(struct subject *s)
{
    struct stat st;
    enum refusal why;
    s->binary_fd = open_file_beneath(s->folder, s->binary, &st, &why, &s->image_error);
    if (s->binary_fd < 0)
        return;
    if (mapping_open(s->binary_fd, (size_t)st.st_size, &s->image, &s->image_error)) {
        close(s->binary_fd);
        s->binary_fd = -1;
        return;
    }
    s->facts_read = elf_read(s->image, &s->facts, &s->facts_why, &s->facts_error) == ST_OK;
}

int subject_open(const char *path, const char *binary, struct subject *out, struct error *err)
{
    *out = (struct subject){.parent = -1, .folder = -1, .binary_fd = -1};
    out->binary = binary ? binary : "plugin.so";
    if (!realpath(path, out->path))
        return error_set(err, ST_NOT_FOUND,
                         "%s: %s; name the folder of the bundle, which holds "
                         "plugin.json and plugin.so",
                         path, strerror(errno));
    out->folder = open(out->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out->folder < 0)
        return error_set(err, ST_NOT_FOUND,
                         "%s: %s; name the folder of the bundle, which holds "
                         "plugin.json and plugin.so",
                         path, strerror(errno));
    const char *slash = strrchr(out->path, '/');
    snprintf(out->name, sizeof(out->name), "%.255s", slash ? slash + 1 : out->path);
    out->parent = openat(out->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    read_manifest(out);
    read_binary(out);
    return ST_OK;
}

void subject_close(struct subject *s)
{
    if (s->manifest_read)
        manifest_clear(&s->manifest);
    json_free(s->document);
    free((char *)s->manifest_text.ptr);
    if (s->facts_read)
        buffer_clear(&s->facts.needed);
    mapping_close(s->image);
    if (s->binary_fd >= 0)
        close(s->binary_fd);
    if (s->parent >= 0)
        close(s->parent);
    if (s->folder >= 0)
        close(s->folder);
}

struct str subject_id(const struct subject *s)
{
    return s->manifest_read ? s->manifest.text[TEXT_ID] : str_from(s->name);
}

struct json subject_json(const struct subject *s)
{
    return s->document ? json_root(s->document) : json_none();
}

struct json subject_grant(const struct subject *s, const char *what)
{
    return json_get(json_get(subject_json(s), STR("grants")), str_from(what));
}

bool subject_provides(const struct subject *s, const char *interface)
{
    struct json_iter it = json_iter(json_get(subject_json(s), STR("provides")));
    while (json_next(&it))
        if (json_is(it.value, str_from(interface)))
            return true;
    return false;
}
