/*
 * SPDX-License-Identifier: MIT
 */
#include "movie.h"

#include <errno.h>
#include <libavutil/display.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/source.h"

const char movie_codecs[] =
    "h264,hevc,libdav1d,libaom-av1,av1,vp8,vp9,libvpx,libvpx-vp9,mpeg4,msmpeg4v3,msmpeg4v2,h263,"
    "mpeg1video,mpeg2video,mjpeg,png,theora,prores,dnxhd,ffv1,huffyuv,ffvhuff,rawvideo,wmv1,wmv2,"
    "aac,aac_fixed,mp3,mp3float,mp2,mp2float,opus,libopus,vorbis,libvorbis,flac,alac,ac3,ac3_fixed,"
    "eac3,pcm_s16le,pcm_s16be,pcm_s24le,pcm_u8,pcm_f32le,pcm_mulaw,pcm_alaw";

int32_t movie_failed(const struct movie *movie, const struct request *request, const char *what,
                     int code)
{
    char why[AV_ERROR_MAX_STRING_SIZE] = "no reason is known";
    /* What was given up is told as that. */
    struct pace pace = movie->pace;
    int32_t status = pace_step(&pace, 0, 0, NULL);
    if (status != HEXMCP_OK)
        return status;
    av_strerror(code, why, sizeof(why));
    return hexmcp_fail(movie->r->err, HEXMCP_E_INVALID, "%.*s cannot be %s: %s; it may be damaged or cut",
                       SHOWN(request->path), what, why);
}

static int32_t check_file(const hexmcp_round *r, const char *path, struct movie *movie)
{
    struct stat about;
    if (fstat(movie->fd, &about) != 0)
        return hexmcp_fail(r->err, HEXMCP_E_GENERIC, "cannot look at %.*s: %s; try again", SHOWN(path),
                           strerror(errno));
    movie->size = about.st_size;
    if (about.st_size > FILE_MOST)
        return hexmcp_fail(r->err, HEXMCP_E_TOO_LARGE,
                           "%.*s has more than %lld bytes, the most that is taken; give a smaller file",
                           SHOWN(path), (long long)FILE_MOST);
    if (about.st_size == 0)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "%.*s is empty; give a video file", SHOWN(path));
    return HEXMCP_OK;
}

static int32_t tell_format(const hexmcp_round *r, const char *path, struct movie *movie)
{
    char head[FORMAT_HEAD];
    ssize_t got = pread(movie->fd, head, sizeof(head), 0);
    movie->format = format_of_bytes((hexmcp_str){head, got > 0 ? (size_t)got : 0});
    if (movie->format)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_UNSUPPORTED,
                       "%.*s is no video in a format that is known here, by its first bytes; give an MP4, "
                       "MOV, MKV, WebM or AVI file",
                       SHOWN(path));
}

int32_t movie_open(const hexmcp_round *r, const struct request *request, struct movie *movie)
{
    *movie = (struct movie){.r = r, .fd = -1, .video = -1, .pace = pace_begin(r)};
    int32_t status = source_open(r, request->path, &movie->fd);
    if (status != HEXMCP_OK)
        return status;
    status = check_file(r, request->path, movie);
    if (status == HEXMCP_OK)
        status = tell_format(r, request->path, movie);
    if (status != HEXMCP_OK)
        movie_close(movie);
    return status;
}

/* Asked by FFmpeg while it works: whether it shall stop. */
static int stops(void *arg)
{
    const struct movie *movie = arg;
    const hexmcp_round *r = movie->r;
    return r->calls && r->calls->cancelled(r->calls->ctx, r->call);
}

static AVFormatContext *prepare(struct movie *movie)
{
    AVFormatContext *context = avformat_alloc_context();
    if (!context)
        return NULL;
    context->pb = movie->io.context;
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
    context->io_open = io_refuse;
    context->interrupt_callback = (AVIOInterruptCB){stops, movie};
    context->max_streams = 100;
    context->probesize = 8 * 1024 * 1024;
    return context;
}

/* avformat_open_input() frees the context if it fails. */
static int open_input(struct movie *movie)
{
    AVDictionary *options = NULL;
    AVFormatContext *context = prepare(movie);
    if (!context)
        return AVERROR(ENOMEM);
    av_dict_set(&options, "protocol_whitelist", "none", 0);
    av_dict_set(&options, "format_whitelist", "mov,matroska,avi", 0);
    av_dict_set(&options, "codec_whitelist", movie_codecs, 0);
    int code = avformat_open_input(&context, NULL, av_find_input_format(movie->format->demuxer),
                                   &options);
    av_dict_free(&options);
    if (code < 0)
        return code;
    movie->context = context;
    return avformat_find_stream_info(context, NULL);
}

int32_t movie_demux(const struct request *request, struct movie *movie)
{
    if (!io_begin(&movie->io, movie->fd, movie->size))
        return hexmcp_fail(movie->r->err, HEXMCP_E_NOMEM, "out of memory for %.*s; try again",
                           SHOWN(request->path));
    int code = open_input(movie);
    if (code < 0)
        return movie_failed(movie, request, "read", code);
    movie->video = av_find_best_stream(movie->context, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    return HEXMCP_OK;
}

void movie_close(struct movie *movie)
{
    avformat_close_input(&movie->context);
    io_free(&movie->io);
    if (movie->fd >= 0)
        close(movie->fd);
    movie->fd = -1;
}

double movie_duration(const struct movie *movie)
{
    int64_t duration = movie->context->duration;
    return duration > 0 ? (double)duration / AV_TIME_BASE : 0;
}

int movie_rotation(const struct movie *movie)
{
    const AVStream *stream = movie->context->streams[movie->video];
    size_t size = 0;
    const uint8_t *matrix = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (!matrix || size < 9 * sizeof(int32_t))
        return 0;
    double angle = -av_display_rotation_get((const int32_t *)(const void *)matrix);
    if (!isfinite(angle))
        return 0;
    return ((int)lround(angle / 90) % 4 + 4) % 4 * 90;
}

void movie_seen(const struct movie *movie, int width, int height, double *seen_width,
                double *seen_height)
{
    AVStream *stream = movie->context->streams[movie->video];
    AVRational ratio = av_guess_sample_aspect_ratio(movie->context, stream, NULL);
    double wide = width, high = height;
    if (ratio.num > 0 && ratio.den > 0 && ratio.num <= ratio.den * 20LL && ratio.den <= ratio.num * 20LL)
        wide = wide * ratio.num / ratio.den;
    bool lies = movie_rotation(movie) % 180 != 0;
    *seen_width = lies ? high : wide;
    *seen_height = lies ? wide : high;
}
