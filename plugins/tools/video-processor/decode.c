/*
 * SPDX-License-Identifier: MIT
 */
#include "decode.h"

#include <errno.h>
#include <libavutil/avstring.h>

#include "kit/source.h"

#define PIXELS_MOST ((int64_t)8192 * 8192)

struct search {
    const struct request *request;
    struct movie *movie;
    AVStream *stream;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *next, *best;
    int64_t target; /* in the stream's time */
    bool found;
};

static int32_t check_pixels(const struct search *s)
{
    const AVCodecParameters *par = s->stream->codecpar;
    if ((int64_t)par->width * par->height <= PIXELS_MOST)
        return HEXMCP_OK;
    return hexmcp_fail(s->movie->r->err, HEXMCP_E_TOO_LARGE,
                       "the pictures of %.*s have %d x %d pixels, but at most %lld are decoded; give a "
                       "smaller video",
                       SHOWN(s->request->path), par->width, par->height, (long long)PIXELS_MOST);
}

static int32_t find_codec(const struct search *s, const AVCodec **decoder)
{
    *decoder = avcodec_find_decoder(s->stream->codecpar->codec_id);
    if (*decoder && av_match_list((*decoder)->name, movie_codecs, ','))
        return HEXMCP_OK;
    return hexmcp_fail(s->movie->r->err, HEXMCP_E_UNSUPPORTED,
                       "the pictures of %.*s are coded as %s, which is not decoded here; convert it to "
                       "h264 elsewhere",
                       SHOWN(s->request->path), avcodec_get_name(s->stream->codecpar->codec_id));
}

static int open_codec(struct search *s, const AVCodec *decoder)
{
    AVDictionary *options = NULL;
    s->codec = avcodec_alloc_context3(decoder);
    if (!s->codec)
        return AVERROR(ENOMEM);
    int code = avcodec_parameters_to_context(s->codec, s->stream->codecpar);
    s->codec->thread_count = 1;
    s->codec->max_pixels = PIXELS_MOST; /* a stream can say other sizes later */
    s->codec->pkt_timebase = s->stream->time_base;
    av_dict_set(&options, "codec_whitelist", movie_codecs, 0);
    if (code >= 0)
        code = avcodec_open2(s->codec, decoder, &options);
    av_dict_free(&options);
    return code;
}

static int64_t time_of(const AVFrame *frame)
{
    return frame->best_effort_timestamp != AV_NOPTS_VALUE ? frame->best_effort_timestamp : frame->pts;
}

/* What the decoder has ready: the last picture that is not behind the target, or the first at all. */
static void take_frames(struct search *s)
{
    while (!s->found && avcodec_receive_frame(s->codec, s->next) >= 0) {
        int64_t time = time_of(s->next);
        bool behind = time != AV_NOPTS_VALUE && time > s->target;
        s->found = behind || time == s->target;
        if (!behind || !s->best->buf[0]) {
            av_frame_unref(s->best);
            av_frame_move_ref(s->best, s->next);
        }
        av_frame_unref(s->next);
    }
}

static int32_t read_until_found(struct search *s)
{
    int code = 0;
    while (!s->found && code >= 0) {
        int32_t status = pace_step(&s->movie->pace, 0, 0, "looking for the picture");
        if (status != HEXMCP_OK)
            return status;
        code = av_read_frame(s->movie->context, s->packet);
        if (code < 0)
            avcodec_send_packet(s->codec, NULL);
        else if (s->packet->stream_index == s->stream->index)
            avcodec_send_packet(s->codec, s->packet); /* a damaged packet is left out */
        av_packet_unref(s->packet);
        take_frames(s);
    }
    return HEXMCP_OK;
}

static void seek(struct search *s)
{
    double seconds = s->request->timestamp;
    int64_t start = s->stream->start_time != AV_NOPTS_VALUE ? s->stream->start_time : 0;
    /* Down to a whole tick, but for what sums of fractions lack. */
    s->target = start + (int64_t)(seconds / av_q2d(s->stream->time_base) + 0.001);
    /* A cover is seen all the time, and comes once, at the beginning. */
    if (seconds > 0 && !(s->stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
        av_seek_frame(s->movie->context, s->stream->index, s->target, AVSEEK_FLAG_BACKWARD);
}

static int32_t search(struct search *s)
{
    const AVCodec *decoder;
    int32_t status = check_pixels(s);
    if (status == HEXMCP_OK)
        status = find_codec(s, &decoder);
    if (status != HEXMCP_OK)
        return status;
    int code = open_codec(s, decoder);
    if (code < 0)
        return movie_failed(s->movie, s->request, "decoded", code);
    s->packet = av_packet_alloc();
    s->next = av_frame_alloc();
    s->best = av_frame_alloc();
    if (!s->packet || !s->next || !s->best)
        return hexmcp_fail(s->movie->r->err, HEXMCP_E_NOMEM, "out of memory for a picture; try again");
    seek(s);
    status = read_until_found(s);
    if (status == HEXMCP_OK && !s->best->buf[0])
        status = movie_failed(s->movie, s->request, "decoded", AVERROR_INVALIDDATA);
    return status;
}

static int32_t check_time(const struct request *request, const struct movie *movie)
{
    double duration = movie_duration(movie);
    if (duration == 0 || request->timestamp <= duration)
        return HEXMCP_OK;
    return hexmcp_fail(movie->r->err, HEXMCP_E_INVALID,
                       "timestamp_seconds is %.3f, but %.*s lasts %.3f s; give less", request->timestamp,
                       SHOWN(request->path), duration);
}

int32_t decode_at(const struct request *request, struct movie *movie, AVFrame **frame, double *shown)
{
    int32_t status = check_time(request, movie);
    if (status != HEXMCP_OK)
        return status;
    struct search s = {
        .request = request, .movie = movie, .stream = movie->context->streams[movie->video]};
    status = search(&s);
    if (status == HEXMCP_OK) {
        int64_t start = s.stream->start_time != AV_NOPTS_VALUE ? s.stream->start_time : 0;
        int64_t time = time_of(s.best);
        *shown = time == AV_NOPTS_VALUE ? 0 : (double)(time - start) * av_q2d(s.stream->time_base);
        *frame = s.best;
        s.best = NULL;
    }
    av_packet_free(&s.packet);
    av_frame_free(&s.next);
    av_frame_free(&s.best);
    avcodec_free_context(&s.codec);
    return status;
}
