/*
 * SPDX-License-Identifier: MIT
 */
#include "exif.h"

#include <string.h>

/* No camera writes as many; a file that does is cut, and says so. */
#define TAGS_MOST 200
#define VALUE_MOST 500

/* "exif-ifd0-Make": the directory and the tag; libvips names them so. NULL if it is none. */
static const char *tag_of(const char *field, int *directory)
{
    if (strncmp(field, "exif-ifd", 8) != 0 || field[8] < '0' || field[8] > '9' || field[9] != '-')
        return NULL;
    *directory = field[8] - '0';
    return field + 10;
}

/* Directory 3 is GPS; what a maker noted has no known form, and some note the place there. */
static bool tells_place(int directory, const char *tag)
{
    return directory == 3 || strcmp(tag, "MakerNote") == 0 || strcmp(tag, "GPSInfoIFDPointer") == 0;
}

/* "Canon (Canon, ASCII, 6 components, 6 bytes)" is how libvips has it: the value is before that. */
static hexmcp_str value_of(const char *text)
{
    const char *end = NULL;
    for (const char *at = strstr(text, " ("); at; at = strstr(at + 1, " ("))
        if (strstr(at, " components, "))
            end = at;
    size_t len = end ? (size_t)(end - text) : strlen(text);
    return (hexmcp_str){text, len < VALUE_MOST ? len : VALUE_MOST};
}

static void put_tag(hexmcp_json_writer *w, VipsImage *image, const char *field, const char *tag)
{
    const char *text;
    if (vips_image_get_string(image, field, &text) == 0)
        hexmcp_json_put_string(w, tag, value_of(text));
    else
        vips_error_clear();
}

void exif_put(hexmcp_json_writer *w, VipsImage *image, bool location)
{
    char **fields = vips_image_get_fields(image);
    bool has_location = false, cut = false;
    size_t put = 0;
    hexmcp_json_key(w, "exif");
    hexmcp_json_begin_object(w);
    for (size_t i = 0; fields && fields[i]; i++) {
        int directory;
        const char *tag = tag_of(fields[i], &directory);
        if (!tag || directory == 1) /* directory 1 is of the preview inside */
            continue;
        has_location |= directory == 3;
        if (tells_place(directory, tag) && (!location || directory != 3))
            continue;
        cut |= put == TAGS_MOST;
        if (!cut)
            put_tag(w, image, fields[i], tag), put++;
    }
    hexmcp_json_end_object(w);
    if (cut)
        hexmcp_json_put_bool(w, "exif_truncated", true);
    hexmcp_json_put_bool(w, "has_location", has_location);
    g_strfreev(fields);
}

static bool is_beside(const char *field)
{
    static const char *const names[] = {"xmp-data", "iptc-data", "photoshop-data", "gif-comment",
                                        "jpeg-thumbnail-data", "image-description", NULL};
    for (size_t i = 0; names[i]; i++)
        if (strcmp(field, names[i]) == 0)
            return true;
    return strncmp(field, "png-comment-", 12) == 0;
}

static bool goes(const char *field, enum retain retain)
{
    int directory;
    const char *tag = tag_of(field, &directory);
    if (tag)
        return retain == RETAIN_NOTHING || directory == 1 || tells_place(directory, tag);
    if (strcmp(field, VIPS_META_EXIF_NAME) == 0)
        return retain == RETAIN_NOTHING;
    return is_beside(field); /* texts of free form can name the place, too */
}

void exif_retain(VipsImage *image, enum retain retain)
{
    char **fields = vips_image_get_fields(image);
    for (size_t i = 0; fields && fields[i] && retain != RETAIN_ALL; i++)
        if (goes(fields[i], retain))
            vips_image_remove(image, fields[i]);
    g_strfreev(fields);
}
