package dev.hawser.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.core.script.DigestUtils;

/**
 * What is done in Redis, each at once. {@code KEYS[1]} is the state: a hash of the {@code generation}, since when nothing was lost,
 * the {@code number} of the last message on the bus, a {@code clock} that gives epochs, each later than all before, and the {@code
 * weight} of the bus in bytes. {@code KEYS[2]} is the bus, a stream. Times are in microseconds, which a number of Lua
 * holds exactly until the year 2255.
 */
final class RedisTopicScript {

    /** {@code ARGV} starts with what the node knows of: the generation, the number, and the latest epoch. */
    private static final String COMMON = """
            local time = redis.call('TIME')
            local now = time[1] * 1000000 + time[2]
            local state = redis.call('HMGET', KEYS[1], 'generation', 'number', 'clock')
            local generation, number, clock = tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0)

            -- Numbers of Lua have an exponent otherwise.
            local function text(value)
                return string.format('%.0f', value)
            end

            local function tick()
                clock = math.max(now, clock + 1)
                redis.call('HSET', KEYS[1], 'clock', text(clock))
                return clock
            end

            -- Forgets what has no room in a history, and what is too old; gives the bytes that are left.
            local function trim(history, kept, count, bytes, age)
                local length = redis.call('XLEN', history)
                while length > 0 do
                    local oldest = redis.call('XRANGE', history, '-', '+', 'COUNT', 1)[1]
                    if length <= count and kept <= bytes and tonumber(oldest[2][2]) + age * 1000 >= now then
                        break
                    end
                    redis.call('XDEL', history, oldest[1])
                    kept = kept - tonumber(oldest[2][4])
                    length = length - 1
                end
                return length == 0 and 0 or kept
            end

            -- What a node knows of is not here: Redis has lost it, and what else came then. All topics begin anew,
            -- so that no number is given twice.
            local knownGeneration, knownNumber = tonumber(ARGV[1]), tonumber(ARGV[2])
            if generation == 0 or knownGeneration > generation
                    or (knownGeneration == generation and knownNumber > number) then
                clock = math.max(clock, knownGeneration, tonumber(ARGV[3]))
                generation = tick()
                redis.call('HSET', KEYS[1], 'generation', text(generation), 'number', text(number))
            end

            """;

    /** Where the bus ends. */
    static final RedisTopicScript END = new RedisTopicScript("""
            local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
            return {text(generation), text(number), last and last[1] or '0-0'}
            """);

    /**
     * Appends messages. {@code KEYS[3]} is the number of the last batch of this node; then follow of each message the hash of its topic
     * and the stream of its history. A batch that is here already, because its answer was lost, is not appended again.
     */
    static final RedisTopicScript APPEND = new RedisTopicScript("""
            local batch, remember, busCount, busBytes =
                tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

            -- Numbers a message, keeps it, and forgets those before it that have no room.
            local function keep(topic, history, message, length, count, bytes, age)
                local known = redis.call('HMGET', topic, 'epoch', 'sequence', 'bytes')
                local epoch, sequence, kept = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0)
                if epoch < generation then
                    redis.call('DEL', history)
                    epoch, sequence, kept = tick(), 0, 0
                end
                sequence = sequence + 1
                local id = text(epoch) .. '-' .. text(sequence)
                redis.call('XADD', history, id, 'time', text(now), 'length', length, 'message', message)
                if redis.call('XLEN', history) == 1 then
                    kept = 0
                end
                kept = trim(history, kept + length, count, bytes, age)
                redis.call('HSET', topic,
                    'epoch', text(epoch), 'sequence', text(sequence), 'bytes', text(kept), 'age', text(age))
                redis.call('PEXPIRE', topic, text(age + remember))
                redis.call('PEXPIRE', history, text(age))
                return id
            end

            if tonumber(redis.call('GET', KEYS[3]) or 0) < batch then
                local weight = tonumber(redis.call('HGET', KEYS[1], 'weight') or 0)
                if redis.call('EXISTS', KEYS[2]) == 0 then
                    weight = 0
                end
                local key = 4
                for i = 8, #ARGV, 6 do
                    local topic, message, id = ARGV[i], ARGV[i + 1], ''
                    if ARGV[i + 3] ~= '0' then
                        id = keep(KEYS[key], KEYS[key + 1], message, tonumber(ARGV[i + 2]),
                            tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5]))
                        key = key + 2
                    end
                    number = number + 1
                    redis.call('XADD', KEYS[2], '*',
                        'at', text(generation) .. ' ' .. text(number) .. ' ' .. id, 'topic', topic, 'message', message)
                    weight = weight + #topic + #message
                end
                local length = redis.call('XLEN', KEYS[2])
                while length > 1 and (length > busCount or weight > busBytes) do
                    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
                    redis.call('XDEL', KEYS[2], oldest[1])
                    weight = weight - #oldest[2][4] - #oldest[2][6]
                    length = length - 1
                end
                redis.call('HSET', KEYS[1], 'number', text(number), 'weight', text(weight))
                redis.call('PEXPIRE', KEYS[2], text(remember))
                redis.call('SET', KEYS[3], text(batch), 'PX', 86400000)
            end
            return {text(generation), text(number)}
            """);

    /**
     * Reads topics: {@code KEYS} from the third are of each the hash and the history, and so are {@code ARGV} from the fifth the epoch, empty for
     * the head only, and the sequence of the position, and the count. Of a topic that is not here, the head is now. A position of
     * before it began is good while it cannot have been there and gone since.
     */
    static final RedisTopicScript READ = new RedisTopicScript("""
            local remember = tonumber(ARGV[4])

            local function read(topic, history, afterEpoch, afterSequence, count)
                local known = redis.call('HMGET', topic, 'epoch', 'sequence', 'bytes', 'age')
                local epoch, sequence, kept = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0)
                local all = afterEpoch == '' or (afterEpoch == '0' and afterSequence == '0')
                local since = tonumber(afterEpoch) or 0
                local before = afterSequence == '0' and since >= generation and since <= clock
                if epoch < generation then
                    local complete = all or (before and now - since < remember * 1000)
                    return {text(tick()), '0', complete and 1 or 0, 0, {}, 0, '0'}
                end
                local left = trim(history, kept, math.huge, math.huge, tonumber(known[4]))
                if left ~= kept then
                    redis.call('HSET', topic, 'bytes', text(left))
                end
                local length = redis.call('XLEN', history)
                local gone = sequence - length
                local from = gone
                local complete = all or (before and since < epoch and epoch - since < remember * 1000 and gone == 0)
                if since == epoch and tonumber(afterSequence) >= gone and tonumber(afterSequence) <= sequence then
                    from = tonumber(afterSequence)
                    complete = true
                end
                local messages = {}
                if afterEpoch ~= '' then
                    messages = redis.call('XRANGE', history,
                        text(epoch) .. '-' .. text(from + 1), '+', 'COUNT', count)
                end
                local more = afterEpoch ~= '' and from + #messages < sequence
                return {text(epoch), text(sequence), complete and 1 or 0, more and 1 or 0, messages,
                    length, text(left)}
            end

            local pages, key = {}, 3
            for i = 5, #ARGV, 3 do
                pages[#pages + 1] = read(KEYS[key], KEYS[key + 1], ARGV[i], ARGV[i + 1], ARGV[i + 2])
                key = key + 2
            end
            return {text(generation), text(number), pages}
            """);

    private final byte[] text;
    private final String digest;

    private RedisTopicScript(String body) {
        text = (COMMON + body).getBytes(UTF_8);
        digest = DigestUtils.sha1DigestAsHex(COMMON + body);
    }

    /** Runs it; its text is sent where Redis does not know it, or no more. */
    List<Object> run(RedisConnection connection, int keys, byte[]... keysAndArguments) {
        List<Object> result;
        try {
            result = connection.scriptingCommands().evalSha(digest, ReturnType.MULTI, keys, keysAndArguments);
        } catch (DataAccessException unknown) {
            if (!String.valueOf(unknown.getMostSpecificCause().getMessage()).startsWith("NOSCRIPT")) {
                throw unknown;
            }
            result = connection.scriptingCommands().eval(text, ReturnType.MULTI, keys, keysAndArguments);
        }
        if (result == null) {
            throw new IllegalStateException("Expected an answer of a script but was none");
        }
        return result;
    }
}
