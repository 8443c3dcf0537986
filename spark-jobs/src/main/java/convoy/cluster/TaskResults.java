package convoy.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.SerializerInstance;
import scala.Function1;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** What the tasks of a job return, one result each, taken as it comes. */
public final class TaskResults {
  private TaskResults() {}

  /**
   * A result as bytes. Spark reads what has come faster than it is used, several at the same time:
   * large ones are to wait as they were sent.
   */
  public static byte[] packed(Object result) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    // As a stream, since the serializer's own buffer has a limit.
    SerializationStream stream = serializer().serializeStream(packed);
    stream.writeObject(result, ClassTag$.MODULE$.apply(result.getClass()));
    stream.close();
    return packed.toByteArray();
  }

  /** The result that {@link #packed} gave. */
  public static <T> T unpacked(byte[] packed, Class<T> type) {
    DeserializationStream stream = serializer().deserializeStream(new ByteArrayInputStream(packed));
    try {
      return stream.readObject(ClassTag$.MODULE$.<T>apply(type));
    } finally {
      stream.close();
    }
  }

  private static SerializerInstance serializer() {
    return SparkEnv.get().serializer().newInstance();
  }

  /** Takes the one element of a partition. */
  private interface OnlyElement<T> extends Function1<Iterator<T>, T>, Serializable {}

  /**
   * Runs a job, where a {@code collect} would hold all results until the last is there.
   *
   * @param results one in each partition
   * @param use is given one after the other, in whatever order; the job fails with what it throws
   */
  public static <T> void forEach(JavaRDD<T> results, Class<T> type, Consumer<T> use) {
    OnlyElement<T> only = partition -> partition.next();
    results
        .context()
        .runJob(
            results.rdd(),
            only,
            (partition, result) -> {
              use.accept(result);
              return BoxedUnit.UNIT;
            },
            ClassTag$.MODULE$.<T>apply(type));
  }
}
