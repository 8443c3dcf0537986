"""An Airflow DAG that retrains every night by spark-submit, in client mode.

Set the paths, and put it into Airflow's folder of DAGs. The exit statuses 10 (nothing new), 11 (not
better) and 12 (another one is under way) make the task "skipped", so that what follows runs after a
promotion alone; others make it fail. Nothing is tried again the same night, as most of what makes it
fail does so again; the next night goes on where an interrupted one has stopped. The workers need
SPARK_HOME, and HADOOP_CONF_DIR where URIs leave the namenode out.
"""

from datetime import datetime

from airflow import DAG

try:  # Airflow 3
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

CONVOY = "/opt/convoy"
REGISTRY = "hdfs:///convoy/registry"
DATA = "hdfs:///convoy/cifar10"

with DAG(
    dag_id="convoy_retrain",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0},
) as dag:
    retrain = BashOperator(
        task_id="retrain",
        bash_command=(
            "$SPARK_HOME/bin/spark-submit --master spark://master:7077 --deploy-mode client"
            " --driver-memory 6g --executor-memory 3g --conf spark.executor.instances=4"
            " --driver-java-options '-XX:+UseParallelGC -XX:ObjectAlignmentInBytes=64'"
            " --conf 'spark.executor.extraJavaOptions=-XX:+UseParallelGC -XX:ObjectAlignmentInBytes=64'"
            f" --class convoy.job.RetrainJob {CONVOY}/spark-jobs/target/convoy.jar"
            f" --registry {REGISTRY} --data {DATA} --json {REGISTRY}/last.json"
        ),
        skip_on_exit_code=[10, 11, 12],
    )
    announce = BashOperator(
        task_id="announce",
        bash_command=f"{CONVOY}/bin/convoy registry show --registry {REGISTRY}",
    )
    retrain >> announce
