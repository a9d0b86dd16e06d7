import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Reads topics with the client of Java. Each line of the input is a topic; the answer is a line of JSON: the committed
 * records of the topic from its beginning to its end, partition by partition, each with the partition that the default
 * partitioner gives to its key.
 */
public final class ReadTopic {
  public static void main(String[] arguments) throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", arguments[0]);
    settings.put("isolation.level", "read_committed");
    settings.put("allow.auto.create.topics", "false");
    settings.put("default.api.timeout.ms", "10000");
    var json = new ObjectMapper();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (var topic = input.readLine(); topic != null; topic = input.readLine()) {
      Object answer;
      try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
        answer = read(consumer, topic);
      } catch (Exception error) {
        answer = Map.of("error", String.valueOf(error.getMessage()));
      }
      System.out.println(json.writeValueAsString(answer));
    }
  }

  private static List<Map<String, Object>> read(KafkaConsumer<String, String> consumer, String topic) {
    var records = new ArrayList<Map<String, Object>>();
    if (!consumer.listTopics().containsKey(topic)) return records;
    var partitions = consumer.partitionsFor(topic).size();
    for (int number = 0; number < partitions; number++) {
      var partition = new TopicPartition(topic, number);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          var headers = new LinkedHashMap<String, String>();
          for (var header : record.headers()) headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
          var one = new LinkedHashMap<String, Object>();
          one.put("partition", record.partition());
          var key = record.key().getBytes(StandardCharsets.UTF_8);
          one.put("partitionOfKey", Utils.toPositive(Utils.murmur2(key)) % partitions);
          one.put("key", record.key());
          one.put("value", record.value());
          one.put("headers", headers);
          records.add(one);
        }
      }
    }
    return records;
  }
}
