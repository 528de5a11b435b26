#include "adapters/driven/plugin_host/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/abi_check.h"
#include "adapters/driven/plugin_host/digest.h"
#include "adapters/driven/plugin_host/elf_image.h"
#include "adapters/driven/plugin_host/mapping.h"
#include "adapters/driven/plugin_host/open_beneath.h"

#define BINARY_MAX_BYTES ((off_t)1 << 30)

struct inspection {
    const struct bundle_rules *rules;
    const char *name;
    int folder;
    char *manifest_bytes;
    struct manifest manifest;
    bool manifest_read;
    struct elf_facts facts;
    bool facts_read;
    struct record_draft draft;
    enum refusal why;
    struct error err;
};

static int refuse(struct inspection *in, enum refusal why, int rc)
{
    if (rc)
        in->why = why;
    return rc;
}

static int open_folder(struct inspection *in, int at)
{
    struct stat st;
    in->folder = open_folder_beneath(at, in->name, &in->why, &in->err);
    if (in->folder < 0)
        return in->folder;
    if (fstat(in->folder, &st) != 0)
        return refuse(in, REFUSED_FILE,
                      error_set(&in->err, ST_GENERIC, "%s: %s", in->name, strerror(errno)));
    return refuse(in, REFUSED_PERMISSION, trust_check(&in->rules->trust, &st, in->name, &in->err));
}

/* The bytes of a small file that may change while it is read: what is read first counts. */
static int read_whole(int fd, size_t size, char **out, struct error *err)
{
    char *bytes = malloc(size + 1);
    size_t got = 0;
    ssize_t n = 1;
    if (!bytes)
        return error_set(err, ST_NOMEM, "out of memory");
    while (n > 0 && got < size) {
        n = read(fd, bytes + got, size - got);
        got += n > 0 ? (size_t)n : 0;
    }
    if (got < size) {
        free(bytes);
        return error_set(err, ST_GENERIC, "plugin.json: %s", n < 0 ? strerror(errno) : "cut off");
    }
    *out = bytes;
    return ST_OK;
}

static int parse_manifest(struct inspection *in, int fd, const struct stat *st)
{
    size_t size = (size_t)st->st_size;
    int rc = refuse(in, REFUSED_PERMISSION,
                    trust_check(&in->rules->trust, st, "plugin.json", &in->err));
    if (!rc && size > MANIFEST_MAX_BYTES)
        rc = refuse(in, REFUSED_MANIFEST,
                    error_set(&in->err, ST_TOO_LARGE, "plugin.json: larger than 1 MiB"));
    if (!rc)
        rc = refuse(in, REFUSED_FILE, read_whole(fd, size, &in->manifest_bytes, &in->err));
    if (rc)
        return rc;
    rc = refuse(in, REFUSED_MANIFEST,
                manifest_read((struct str){in->manifest_bytes, size}, in->rules->checks,
                              &in->manifest, &in->err));
    in->manifest_read = rc == ST_OK;
    return rc;
}

/* The binary's key is part of what is known even if the manifest alone is refused. */
static void note_binary(struct inspection *in)
{
    struct stat st;
    if (fstatat(in->folder, "plugin.so", &st, 0) == 0)
        in->draft.head.binary = file_key_of(&st);
}

static int inspect_manifest(struct inspection *in)
{
    struct stat st;
    note_binary(in);
    int fd = open_file_beneath(in->folder, "plugin.json", &st, &in->why, &in->err);
    if (fd < 0)
        return fd;
    in->draft.head.manifest = file_key_of(&st);
    int rc = parse_manifest(in, fd, &st);
    close(fd);
    if (rc)
        return rc;
    struct str id = in->manifest.text[TEXT_ID];
    if (!str_eq(id, str_from(in->name)))
        return refuse(in, REFUSED_FOLDER_NAME,
                      error_set(&in->err, ST_INVALID,
                                "the folder is named \"%s\", the plugin \"%.*s\"; rename the "
                                "folder",
                                in->name, STR_ARG(id)));
    return refuse(in, REFUSED_ABI,
                  abi_check("plugin.json", in->manifest.abi_major, in->manifest.abi_minor, 0,
                            &in->err));
}

static int check_image(struct inspection *in, struct str image)
{
    int rc = elf_read(image, &in->facts, &in->why, &in->err);
    if (rc)
        return rc;
    in->facts_read = true;
    const hexmcp_plugin_info_1 *info = &in->facts.info;
    rc = refuse(in, REFUSED_ABI,
                abi_check("plugin.so", info->abi_major, info->abi_minor, info->min_host_minor,
                          &in->err));
    if (!rc)
        rc = refuse(in, REFUSED_MISMATCH,
                    abi_check_same(in->manifest.text[TEXT_ID], in->manifest.text[TEXT_VERSION],
                                   in->manifest.abi_major, info, &in->err));
    if (!rc)
        rc = refuse(in, REFUSED_DIGEST,
                    digest_check(in->rules->crypto, in->manifest.text[TEXT_DIGEST], "plugin.json",
                                 image, &in->err));
    return rc;
}

static int inspect_binary(struct inspection *in)
{
    struct stat st;
    struct str image;
    int fd = open_file_beneath(in->folder, "plugin.so", &st, &in->why, &in->err);
    if (fd < 0)
        return fd;
    in->draft.head.binary = file_key_of(&st);
    int rc = refuse(in, REFUSED_PERMISSION,
                    trust_check(&in->rules->trust, &st, "plugin.so", &in->err));
    if (!rc && st.st_size > BINARY_MAX_BYTES)
        rc = refuse(in, REFUSED_FILE,
                    error_set(&in->err, ST_TOO_LARGE, "plugin.so: larger than 1 GiB"));
    if (!rc)
        rc = refuse(in, REFUSED_FILE, mapping_open(fd, (size_t)st.st_size, &image, &in->err));
    close(fd);
    if (rc)
        return rc;
    rc = check_image(in, image);
    mapping_close(image);
    return rc;
}

static void fill_draft(struct inspection *in)
{
    struct record_draft *d = &in->draft;
    struct str folder = d->text[TEXT_FOLDER], place = d->text[TEXT_PLACE];
    if (in->manifest_read) {
        memcpy(d->text, in->manifest.text, sizeof(d->text));
        d->text[TEXT_FOLDER] = folder;
        d->text[TEXT_PLACE] = place;
        d->head.abi_major = in->manifest.abi_major;
        d->head.abi_minor = in->manifest.abi_minor;
        d->head.flags = in->manifest.flags;
        d->items = in->manifest.items;
        d->item_count = in->manifest.item_count;
    } else {
        d->text[TEXT_ID] = folder;
    }
    if (in->facts_read) {
        d->text[TEXT_NEEDED] = buffer_str(&in->facts.needed);
        d->head.abi_major = in->facts.info.abi_major;
        d->head.abi_minor = in->facts.info.abi_minor;
        d->head.min_host_minor = in->facts.info.min_host_minor;
    }
    d->head.refusal = in->why;
    if (in->why)
        d->text[TEXT_REASON] = str_from(in->err.text);
}

static void clear_inspection(struct inspection *in)
{
    if (in->folder >= 0)
        close(in->folder);
    if (in->manifest_read)
        manifest_clear(&in->manifest);
    if (in->facts_read)
        buffer_clear(&in->facts.needed);
    free(in->manifest_bytes);
}

int bundle_verify(const struct bundle_rules *rules, int at, const char *place, const char *name,
                  struct record **out, struct error *err)
{
    struct inspection in = {.rules = rules, .name = name, .folder = -1};
    in.draft.text[TEXT_FOLDER] = str_from(name);
    in.draft.text[TEXT_PLACE] = str_from(place);
    int rc = open_folder(&in, at);
    if (!rc)
        rc = inspect_manifest(&in);
    if (!rc)
        rc = inspect_binary(&in);
    if (!rc)
        in.why = REFUSED_NOT;
    fill_draft(&in);
    rc = in.err.code == ST_NOMEM ? error_set(err, ST_NOMEM, "out of memory")
                                 : record_build(&in.draft, out, err);
    clear_inspection(&in);
    return rc;
}

int bundle_refused(const char *place, const char *name, enum refusal why, const char *reason,
                   struct record **out, struct error *err)
{
    struct record_draft draft = {.head.refusal = why};
    draft.text[TEXT_FOLDER] = draft.text[TEXT_ID] = str_from(name);
    draft.text[TEXT_PLACE] = str_from(place);
    draft.text[TEXT_REASON] = str_from(reason);
    return record_build(&draft, out, err);
}

int bundle_open_binary(const struct trust *trust, int at, const char *name, struct stat *st,
                       struct error *err)
{
    enum refusal why;
    struct stat folder_st;
    int folder = open_folder_beneath(at, name, &why, err);
    if (folder < 0)
        return folder;
    int rc = fstat(folder, &folder_st) == 0 ? trust_check(trust, &folder_st, name, err)
                                            : error_set(err, ST_GENERIC, "%s: %s", name,
                                                        strerror(errno));
    int fd = rc ? rc : open_file_beneath(folder, "plugin.so", st, &why, err);
    close(folder);
    if (fd < 0)
        return fd;
    rc = trust_check(trust, st, "plugin.so", err);
    if (rc) {
        close(fd);
        return rc;
    }
    return fd;
}
